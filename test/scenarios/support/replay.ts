import assert from "node:assert/strict";
import { replay } from "../../../host-sim/replay/index.js";
import { readJournal } from "../../../modules/journal/index.js";
import { appNamed } from "./images.js";
import { HOUR, MINUTE, type Scenario, THING } from "./scenario.js";

/** Another board goes through the states of this one's journal. `refusal`: it cannot, and says why. */
export async function assertReplay(run: Scenario, refusal?: RegExp): Promise<void> {
  if (run.journal === "") {
    // A job that was refused before anything was stored leaves its journal in memory, for the next event an hour on.
    run.pass(HOUR);
    run.world.cloud.mqtt.kick(THING);
    run.pass(MINUTE);
  }
  const text = run.journal;
  const events = readJournal(text) ?? assert.fail(`no journal: ${text}`);
  if (refusal !== undefined) {
    await assert.rejects(replay(events), refusal);
    return;
  }
  const lines: string[] = [];
  const firmware = await appNamed("sample");
  const { difference } = await replay(events, { firmware, onTrace: (line) => lines.push(line) });
  assert.equal(difference, undefined, `${text}\n${lines.join("\n")}`);
}
