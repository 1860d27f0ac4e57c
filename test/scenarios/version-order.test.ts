import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";

// `git describe` names a build after the tag: five commits after 1.0.2 is newer than 1.0.2, twelve commits are newer
// than nine.
describe("versions as git describe writes them", () => {
  for (const [from, to] of [
    ["1.0.2", "1.0.2-5-g1a2b3c4"],
    ["1.0.2-9-g1a2b3c4", "1.0.2-12-g5d6e7f8"],
  ] as const)
    it(`${from} takes ${to}`, () =>
      scenario({ first: from }, async (run) => {
        await run.publish({ version: to });
        run.succeeds(to);
      }));

  it("refuses another commit as far from the tag, and says what would take it", () =>
    scenario({ first: "1.0.2-5-g1a2b3c4" }, async (run) => {
      await run.publish({ version: "1.0.2-5-g5d6e7f8" });
      run.endsWith("REJECTED", "version-unordered");
      const { detail = "" } = run.details();
      for (const part of ["1.0.2-5-g1a2b3c4", "1.0.2-5-g5d6e7f8", "allowDowngrade"]) assert.ok(detail.includes(part));
    }));
});

describe("a version that ESP-IDF cuts to 31 characters", () => {
  const LONG = "v1.0.2-feature.with-a-long-name-5-g1a2b3c4";
  it("is the one of the document that names it in full", () =>
    scenario({ first: "1.0.1" }, async (run) => {
      await run.publish({ image: await run.image(LONG.slice(0, 31)), document: { fwversion: LONG } });
      run.succeeds(LONG.slice(0, 31));
    }));
});

describe("a running version without an order", () => {
  it("is said at start, and no update is taken", () =>
    scenario({ first: "1a2b3c4-dirty" }, async (run) => {
      await run.publish({ version: "1.0.2" });
      run.endsWith("REJECTED", "version-unordered");
      assert.equal(run.traced("1a2b3c4-dirty has no order").length, 1, run.told());
    }));
});

describe("the operator takes the fleet back", () => {
  it("where the application allows it", () =>
    scenario({ first: "1.0.2", config: { allowForcedDowngrade: true } }, async (run) => {
      await run.publish({ version: "1.0.1", document: { force: true } });
      run.succeeds("1.0.1");
    }));
  it("nowhere else", () =>
    scenario({ first: "1.0.2" }, async (run) => {
      await run.publish({ version: "1.0.1", document: { force: true } });
      run.endsWith("REJECTED", "downgrade");
    }));
});
