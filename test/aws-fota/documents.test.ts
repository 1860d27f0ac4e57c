import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { TRANSITIONS } from "../../modules/aws-fota/fota-state.js";
import { VERDICTS } from "../../modules/aws-fota/reboot-verdict.js";

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8").split("\n");

describe("docs/states.md", () => {
  const lines = read("states.md");
  it("prints the table of states exactly", () => {
    const expected = Object.entries(TRANSITIONS).flatMap(([state, row]) =>
      Object.entries(row).map(
        ([event, { next, effects }]) => `| \`${state}\` | \`${event}\` | \`${next}\` | ${effects.join(", ") || "-"} |`,
      ),
    );
    assert.deepEqual(
      lines.filter((line) => /^\| `[a-z]+` \| `[a-z-]+` \| `/.test(line)),
      expected,
    );
  });
  it("prints the verdicts exactly", () => {
    const expected = VERDICTS.map(({ runs, phases, states, verdict }) => {
      const code = verdict.kind === "failed" ? ` \`${verdict.code}\`` : "";
      return `| ${runs} | ${phases.join(", ")} | ${(states ?? ["any"]).join(", ")} | ${verdict.kind}${code} |`;
    });
    assert.deepEqual(
      lines.filter((line) => /^\| (new|old) \|/.test(line)),
      expected,
    );
  });
});
