import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { makePatch } from "fota-operator/patch";
import { engineCost } from "../../bench/patch/engine-cost.js";
import { zipEntry } from "../../bench/patch/zip.js";
import { xsAvailable } from "../../host-sim/engines/xs/availability.js";
import { codeLike, nextBuild } from "../support/patch-images.js";

/** An archive of these files, stored or deflated. */
function zipOf(files: readonly (readonly [name: string, bytes: Uint8Array, method: 0 | 8])[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, bytes, method] of files) {
    const content = method === 0 ? Buffer.from(bytes) : deflateRawSync(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    const part = Buffer.concat([local, Buffer.from(name), content]);
    at += part.length;
    parts.push(part);
    central.push(entry, Buffer.from(name));
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...central, end]);
}

describe("the bench of patches", () => {
  it("finds a file in a zip archive, packed or not", () => {
    const [one, other] = [codeLike(5000), codeLike(300, 4)];
    const archive = zipOf([
      ["readme.txt", one, 8],
      ["firmware-base.bin", other, 0],
    ]);
    assert.deepEqual(zipEntry(archive, "readme.txt"), one);
    assert.deepEqual(zipEntry(archive, "firmware-base.bin"), other);
    assert.equal(zipEntry(archive, "firmware"), undefined);
    assert.throws(() => zipEntry(Buffer.from(one), "readme.txt"), /no zip archive/);
  });

  it("has the decoder run on the XS engine (needs XS)", async function () {
    const xs = xsAvailable();
    if (!xs.available) return this.skip();
    const base = codeLike(70_000);
    const to = nextBuild(base, 3_000, 40);
    const task = { base, patch: makePatch({ from: base, to }), imageSize: to.length };
    const { steps, milliseconds } = await engineCost(xs.worker, task);
    assert.ok(steps > to.length && milliseconds > 0, `${steps} steps, ${milliseconds} ms`);
    await assert.rejects(engineCost(xs.worker, { ...task, imageSize: to.length + 1 }), /patch-size|gives \d+ bytes/);
  });
});
