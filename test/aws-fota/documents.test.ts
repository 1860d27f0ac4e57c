import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { TRAITS, TRANSITIONS } from "../../modules/aws-fota/fota-state.js";
import { INBOX_TRANSITIONS } from "../../modules/aws-fota/inbox-state.js";
import { VERDICTS } from "../../modules/aws-fota/reboot-verdict.js";
import { REPORTER_TRANSITIONS } from "../../modules/aws-fota/reporter-state.js";
import { RESET_CAUSES } from "../../modules/ota-partition/index.js";

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8").split("\n");

describe("docs/states.md", () => {
  const lines = read("states.md");
  type Table = Readonly<Record<string, Readonly<Record<string, { next: string; effects: readonly string[] }>>>>;
  const printed = (heading: string) => {
    const start = lines.indexOf(heading);
    const end = lines.findIndex((line, index) => index > start && line.startsWith("## "));
    return lines.slice(start, end).filter((line) => /^\| `[a-z-]+` \| `[a-z-]+` \| `/.test(line));
  };
  for (const [heading, table] of [
    ["## Table", TRANSITIONS],
    ["## What the service is told", REPORTER_TRANSITIONS],
    ["## What the service is asked", INBOX_TRANSITIONS],
  ] as const) {
    it(`prints the table under "${heading}" exactly`, () => {
      const expected = Object.entries(table as Table).flatMap(([state, row]) =>
        Object.entries(row).map(
          ([event, { next, effects }]) =>
            `| \`${state}\` | \`${event}\` | \`${next}\` | ${effects.join(", ") || "-"} |`,
        ),
      );
      assert.deepEqual(printed(heading), expected);
    });
  }
  it("explains every state and every effect, and says what each is called in a job's details", () => {
    const said = (text: string) => lines.some((line) => line.startsWith(text));
    for (const [state, { reportedAs }] of Object.entries(TRAITS))
      assert.ok(
        lines.some((line) => line.startsWith(`| \`${state}\` | `) && line.endsWith(` | ${reportedAs ?? state} |`)),
        state,
      );
    const effects = Object.values(TRANSITIONS).flatMap((row) => Object.values(row).flatMap(({ effects }) => effects));
    for (const effect of new Set(effects)) assert.ok(said(`| ${effect} |`), effect);
  });
  it("names every reset reason with its cause", () => {
    const printed = lines.flatMap((line) => {
      const match = /^\| (power|crash|other) \| ((?:`[a-z-]+`(?:, )?)+) \|$/.exec(line);
      return match === null ? [] : (match[2] ?? "").split(", ").map((word) => [word.replaceAll("`", ""), match[1]]);
    });
    assert.deepEqual(Object.fromEntries(printed), { ...RESET_CAUSES });
  });
  it("prints the verdicts exactly", () => {
    const expected = VERDICTS.map(({ runs, phases, states, cause = "any", trials = "any", verdict }) => {
      const code = verdict.kind === "failed" ? ` \`${verdict.code}\`` : "";
      const seen = [runs, phases.join(", "), (states ?? ["any"]).join(", "), cause, trials];
      return `| ${seen.join(" | ")} | ${verdict.kind}${code} |`;
    });
    assert.deepEqual(
      lines.filter((line) => /^\| (new|old) \|/.test(line)),
      expected,
    );
  });
});
