import assert from "node:assert/strict";
import fc from "fast-check";
import { readJournal } from "../../../modules/journal/index.js";
import { JournalRing, MAX_JOURNAL_EVENTS, MAX_JOURNAL_LENGTH } from "../../../modules/journal/journal-ring.js";
import { textTarget } from "../../support/fuzz/fuzz-target.js";
import { mutatedText } from "../../support/fuzz/mutations.js";

const VALID = [
  "journal 1\n0 boot power-on 1.0.1 ota_0 VALID\n3 link up\n3 job job-1 1\n3 state deciding offered",
  "journal 1\n12 retry disconnected 163840 *3\n14 error rolled-back\n15 state reporting failed\n",
];
const BRIEF = 128;

export const journal = textTarget({
  name: "journal",
  reads: "the journal in NVS and in the update's record, or a file given to replay",
  reaches: ["journal", "no journal"],
  data: mutatedText(fc.constantFrom(...VALID), {
    tokens: ["journal 1\n", " *2", " *0", "999999999", "9999999999", "*", "constructor", "\u0000", "\r\n", "é"],
  }),
  check: (text) => {
    const events = readJournal(text);
    const ring = new JournalRing();
    assert.equal(ring.load(text), events !== undefined);
    if (events === undefined) {
      assert.equal(ring.events.length, 0, "nothing of what is no journal is taken");
      return "no journal";
    }
    assert.ok(ring.events.length <= MAX_JOURNAL_EVENTS && ring.text.length <= MAX_JOURNAL_LENGTH, "it is bounded");
    assert.match(ring.text, /^journal 1(?:\n[\x20-\x7e]+)*$/);
    assert.ok(ring.brief(BRIEF).length <= BRIEF);
    const again = readJournal(ring.text) ?? assert.fail("what was read is written back as a journal");
    assert.deepEqual(again, events.slice(events.length - again.length), "and as it was, without the oldest");
    return "journal";
  },
});
