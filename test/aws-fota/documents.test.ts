import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DISPOSITIONS } from "../../modules/aws-fota/errors.js";
import { TRAITS, TRANSITIONS } from "../../modules/aws-fota/fota-state.js";
import { INBOX_TRANSITIONS } from "../../modules/aws-fota/inbox-state.js";
import { VERDICTS } from "../../modules/aws-fota/reboot-verdict.js";
import { REPORTER_TRANSITIONS } from "../../modules/aws-fota/reporter-state.js";

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

describe("docs/errors.md", () => {
  it("lists every code that can reach an event or a job, with its status and whether a retry may help", () => {
    const listed = new Map<string, string>();
    let section = "";
    for (const line of read("errors.md")) {
      section = /^## (.*)/.exec(line)?.[1] ?? section;
      const match = /^\| `([A-Za-z-]+)` \| .* \| (FAILED|REJECTED|-) \| (yes|no) \|$/.exec(line);
      if (match?.[1] !== undefined && ["aws-fota", "fota-download", "ota-partition", "aws-jobs"].includes(section)) {
        const meaning = `${match[2]} ${match[3]}`;
        assert.equal(listed.get(match[1]) ?? meaning, meaning, match[1]);
        listed.set(match[1], meaning);
      }
    }
    const expected = Object.entries(DISPOSITIONS).map(([code, { status, retryable }]) => [
      code,
      `${status === "none" ? "-" : status} ${retryable ? "yes" : "no"}`,
    ]);
    assert.deepEqual([...listed].sort(), expected.sort());
  });
});
