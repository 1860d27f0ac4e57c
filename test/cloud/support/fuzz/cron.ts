import assert from "node:assert/strict";
import fc from "fast-check";
import { AwsError } from "../../../../host-sim/cloud/context/context.js";
import { parseCron } from "../../../../host-sim/cloud/jobs/cron.js";
import { textTarget } from "../../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../../support/fuzz/invariants.js";
import { mutatedText } from "../../../support/fuzz/mutations.js";

const VALID = ["cron(0 18 ? * MON-FRI *)", "cron(0/15 1,3,5 L 2-12/2 ? 2026)", "cron(59 23 31 DEC ? *)"];
const TOKENS = ["*", "?", "L", "/", "-", ",", " ", "0", "31", "SUN", "2199", "cron(", ")"];
const AFTER = Date.UTC(2026, 1, 28, 23, 58);
const LOOKED_AT = 50;

function* firstOf(moments: Iterable<number>): Iterable<number> {
  for (const at of moments) {
    yield at;
    return;
  }
}

export const cronExpressions = textTarget({
  name: "cron",
  reads: "cron expressions of maintenance windows given to the local AWS",
  reaches: ["recurs", "never", "InvalidRequest"],
  data: mutatedText(fc.constantFrom(...VALID), { tokens: TOKENS, most: 3 }),
  check: (text) => {
    const outcome = outcomeOf(
      () => parseCron(text),
      (error) => (error instanceof AwsError ? error.code : undefined),
    );
    if (outcome.kind === "error") return outcome.code;
    let last = AFTER;
    let found = 0;
    for (const at of outcome.value.following(AFTER)) {
      assert(at > last && at % 60_000 === 0, `${text}: ${at} after ${last}`);
      // From any moment between two the later one comes next.
      const [again]: readonly number[] = [...firstOf(outcome.value.following(at - 1))];
      assert.equal(again, at);
      last = at;
      found += 1;
      if (found === LOOKED_AT) break;
    }
    return found === 0 ? "never" : "recurs";
  },
});
