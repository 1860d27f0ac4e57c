import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DISPOSITIONS, type Disposition } from "../../modules/aws-fota/errors.js";

type Row = { readonly code: string; readonly heading: string; readonly cells: readonly string[] };

/** Sections with tables of codes. */
const SECTIONS = /^(?:FAILED|REJECTED|Codes)/;
const rows: Row[] = [];
let heading = "";
for (const line of readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8").split("\n")) {
  if (line.startsWith("## ")) heading = line.slice(3);
  const [code, ...cells] = line.split(" | ");
  const found = /^\| `([A-Za-z-]+)`$/.exec(code ?? "")?.[1];
  if (found !== undefined && SECTIONS.test(heading))
    rows.push({ code: found, heading, cells: cells.map((cell) => cell.replace(/ \|$/, "")) });
}
const known: Readonly<Record<string, Disposition>> = DISPOSITIONS;

describe("docs/operations.md", () => {
  it("has every code of the table once, and no other", () => {
    assert.deepEqual(rows.map(({ code }) => code).sort(), Object.keys(DISPOSITIONS).sort());
  });
  for (const { code, heading: title, cells } of rows) {
    it(`says of ${code} what happened, what to do and whether a retry helps, under its status`, () => {
      const { status, retryable } = known[code] ?? assert.fail(code);
      const [happened, action, retry] = cells;
      assert.ok(happened !== undefined && happened.length > 5, "what happened");
      assert.ok(action !== undefined && action.length > 5, "what to do");
      assert.equal(title.split(":")[0], status === "none" ? "Codes that end no job" : status);
      if (status === "none") assert.equal(retry, undefined);
      else assert.match(retry ?? "", retryable ? /^yes(, (later|when mended))?$/ : /^no$/);
    });
  }
});
