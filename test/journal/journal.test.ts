import assert from "node:assert/strict";
import fc from "fast-check";
import { Journal, MAX_JOURNAL_EVENTS, MAX_JOURNAL_LENGTH, readJournal } from "../../modules/journal/index.js";
import { decodeEvent, encodeEvent, JOURNAL_KINDS, journalWord } from "../../modules/journal/journal-event.js";
import { JournalRing } from "../../modules/journal/journal-ring.js";

const HOUR = 3_600_000;

/** A store that counts its writes, and a clock. */
function bench(text?: string) {
  const state = { text, writes: 0, now: 5_000, fails: false, traces: [] as string[] };
  const store = {
    read: () => state.text,
    write: (next: string) => {
      if (state.fails) throw new Error("nvs full");
      state.text = next;
      state.writes += 1;
    },
    remove: () => {},
  };
  const open = (kept: typeof store | undefined = store) =>
    new Journal({ store: kept, now: () => state.now, trace: (line) => state.traces.push(line) });
  return { state, open };
}

describe("an event of the journal", () => {
  it("is the same after a journey through its line", () => {
    fc.assert(
      fc.property(
        fc.nat(999_999_999),
        fc.constantFrom(...JOURNAL_KINDS),
        fc.array(fc.string({ maxLength: 80 }).map(journalWord), { maxLength: 4 }),
        fc.integer({ min: 1, max: 1000 }),
        (at, kind, words, times) => {
          const event = { at, kind, words, times };
          assert.deepEqual(decodeEvent(encodeEvent(event)), event);
        },
      ),
    );
  });
  it("is nothing but printable words, whatever is put into it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => assert.match(journalWord(text), /^[\x21-\x7e]{1,64}$/)),
    );
  });
  for (const line of [
    "",
    "x state a b",
    "1",
    "1 weather fine",
    "-1 state a b",
    "1 state  a",
    "1 state a b c d e",
    "1 link up *0",
  ])
    it(`is not "${line}"`, () => assert.equal(decodeEvent(line), undefined));
});

describe("the ring of the journal", () => {
  it("keeps the last events, and its text within bounds", () => {
    const ring = new JournalRing();
    for (let count = 0; count < 500; count++) ring.add(count, "state", `s${count}`, "x".repeat(64));
    assert.equal(ring.events.length, MAX_JOURNAL_EVENTS);
    assert.ok(ring.text.length <= MAX_JOURNAL_LENGTH);
    assert.match(ring.text, /s499 x+$/);
    assert.equal(readJournal(ring.text)?.at(-1)?.words[0], "s499");
  });
  it("counts what happens again instead of repeating it, but never a start", () => {
    const ring = new JournalRing();
    for (let count = 0; count < 3; count++) ring.add(7, "retry", "dns", 0);
    ring.add(8, "boot", "power-on");
    ring.add(8, "boot", "power-on");
    assert.equal(ring.text, "journal 1\n7 retry dns 0 *3\n8 boot power-on\n8 boot power-on");
  });
  it("counts what comes and goes, the last time last", () => {
    const ring = new JournalRing();
    ring.add(1, "state", "downloading", "started");
    for (let count = 0; count < 100; count++) {
      ring.add(2 + count, "link", "down");
      ring.add(2 + count, "error", "timeout");
      if (count < 99) ring.add(2 + count, "link", "up");
    }
    ring.add(200, "state", "verifying", "downloaded");
    ring.add(201, "link", "up");
    assert.equal(
      ring.text,
      "journal 1\n1 state downloading started\n100 link up *99\n101 link down *100\n101 error timeout *100\n200 state verifying downloaded\n201 link up",
    );
  });
  it("takes up its own text, and nothing of any other", () => {
    const ring = new JournalRing();
    ring.add(1, "link", "up");
    const other = new JournalRing();
    assert.equal(other.load(ring.text), true);
    assert.deepEqual(other.events, ring.events);
    for (const text of ["", "journal 2\n1 link up", "journal 1\n1 link up\nnonsense", '{"v":1}']) {
      assert.equal(other.load(text), false, text);
      assert.deepEqual(other.events, ring.events);
    }
  });
  it("reads a file with line ends of another system", () => {
    assert.equal(readJournal("journal 1\r\n1 link up\r\n")?.length, 1);
  });
  it("says the last events in a few characters", () => {
    const ring = new JournalRing();
    ring.add(0, "boot", "power-on", "1.0.1", "ota_0", "VALID");
    ring.add(2, "link", "up");
    ring.add(2, "job", "job-1", 1);
    ring.add(2, "state", "downloading", "started");
    ring.add(5, "retry", "disconnected", 163840);
    ring.add(5, "retry", "disconnected", 163840);
    ring.add(9, "error", "not-found");
    assert.equal(ring.brief(128), "*power-on up downloading ~disconnected@163840x2 !not-found");
    assert.equal(ring.brief(40), "~disconnected@163840x2 !not-found");
    assert.equal(ring.brief(3), "");
  });
});

describe("the journal", () => {
  it("is written when it is told to, once for what is new, and found by the next start", () => {
    const { state, open } = bench();
    const journal = open();
    journal.load();
    state.now += 3_900;
    journal.add("link", "up");
    assert.equal(state.writes, 0);
    journal.save();
    journal.save();
    assert.equal(state.writes, 1);
    const next = open();
    next.load();
    next.add("boot", "panic");
    assert.equal(next.text, "journal 1\n3 link up\n0 boot panic");
  });
  it("writes by itself at most once an hour, however much happens", () => {
    const { state, open } = bench();
    const journal = open();
    for (let minute = 0; minute < 24 * 60; minute++) {
      state.now += HOUR / 60;
      journal.add("link", minute % 2 === 0 ? "up" : "down");
    }
    assert.ok(state.writes <= 24 && state.writes >= 20, `${state.writes}`);
  });
  it("goes on without a store, with one that fails, and with one that holds something else", () => {
    const { state, open } = bench("no journal");
    const journal = open();
    journal.load();
    state.fails = true;
    journal.add("link", "up");
    journal.save();
    assert.deepEqual(state.traces, ["journal: what was stored is no journal", "journal: nvs full"]);
    const other = new Journal({ store: undefined, now: () => 0, trace: () => assert.fail() });
    other.load();
    other.add("link", "up");
    other.save();
    assert.equal(other.text, "journal 1\n0 link up");
  });
});
