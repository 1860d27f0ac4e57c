import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";

/** Days from the simulated images' build to the scenarios' first day. */
const AGE = 731;

describe("an image that was signed long ago", () => {
  it("is not installed once it is older than the application allows, and costs its first bytes only", () =>
    scenario({ config: { maxImageAgeDays: AGE - 1 } }, async (run) => {
      await run.publish();
      run.endsWith("REJECTED", "image-expired");
      const { erases, detail } = run.details();
      assert.equal(erases, "0");
      assert.equal(detail, `built Jan  1 2024, ${AGE} days ago, maxImageAgeDays is ${AGE - 1}`);
    }));

  it("is installed as long as it is not", () =>
    scenario({ config: { maxImageAgeDays: AGE } }, async (run) => {
      await run.publish();
      run.succeeds();
    }));
});
