import assert from "node:assert/strict";
import { backoffDelay } from "../../modules/foundation/backoff.js";

describe("back-off", () => {
  const bounds = { baseMs: 100, capMs: 1_000 };

  it("stays between zero and the bound", () => {
    for (let failures = 0; failures < 40; failures++) {
      const bound = Math.min(1_000, 100 * 2 ** failures);
      assert.equal(backoffDelay(bounds, failures, 0), 0);
      assert.equal(backoffDelay(bounds, failures, 1 - Number.EPSILON), bound);
    }
  });

  it("does not overflow after very many failures", () => {
    assert.equal(backoffDelay({ baseMs: 1, capMs: 2_000 }, 1e9, 0.5), 1_000);
  });
});
