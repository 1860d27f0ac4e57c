import assert from "node:assert/strict";
import { codeLike, nextBuild } from "../support/patch-images.js";
import { type RebuildCost, rebuildCosts } from "./patch/rebuild-cost.js";
import { findSdk } from "./sdk.js";

const MINUTE = 60_000;
const base = codeLike(300_000);
const PAIRS = [
  { name: "a small change", from: base, to: nextBuild(base, 100_000, 4, 5000) },
  { name: "many changes", from: base, to: nextBuild(base, 50_000, 900, 8) },
  { name: "no base", to: base },
];

describe("patches in Moddable's simulator (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(5 * MINUTE);
  let costs: readonly RebuildCost[] = [];

  before(async function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    costs = await rebuildCosts(found.sdk, PAIRS);
  });

  const of = (name: string, decoder: string): RebuildCost =>
    costs.find((cost) => cost.name === name && cost.decoder === decoder) ?? assert.fail(`no figures of ${decoder}`);

  for (const { name } of PAIRS)
    for (const decoder of ["script", "native"] as const)
      it(`become images, byte for byte, and leave no garbage behind: ${name}, ${decoder}`, () => {
        const { wrong, allocated, image } = of(name, decoder);
        assert.equal(wrong, 0);
        // The view of the last piece and the results of `frame`; nothing that grows with the image.
        assert.ok(allocated <= 2048, `${allocated} bytes for an image of ${image}`);
      });

  it("take a fraction of the time with the native decoder", () => {
    for (const name of ["many changes", "no base"])
      assert.ok(of(name, "native").microseconds * 3 < of(name, "script").microseconds, name);
  });
});
