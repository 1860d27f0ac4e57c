import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { C3_BUDGET, DEVICE_BUDGET, LARGE_IMAGE, SMALL_IMAGE } from "./memory/budget.js";
import { MemoryBench, type Peaks } from "./memory/measured-update.js";
import { findSdk } from "./sdk.js";

const MINUTE = 60_000;
/** TLS records and timers do not fall alike twice. */
const NOISE: Peaks = { chunks: 4096, slots: 128, stack: 64 };
/** Less than one TLS record with its plain text. */
const TOO_FEW_CHUNKS = 24 * 1024;

describe("memory of an update in Moddable's simulator (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(15 * MINUTE);
  let bench: MemoryBench;

  before(async function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    bench = await MemoryBench.open(found.sdk);
  });

  after(() => bench?.close());

  it("does not depend on the size of the image", async () => {
    const small = (await bench.update({ imageSize: SMALL_IMAGE, live: true })).peaks;
    const large = (await bench.update({ imageSize: LARGE_IMAGE, live: true })).peaks;
    for (const name of ["chunks", "slots", "stack"] as const) {
      const difference = Math.abs(large[name] - small[name]);
      assert.ok(difference <= NOISE[name], `${name}: ${small[name]} and ${large[name]}`);
    }
    assert.ok(large.chunks <= DEVICE_BUDGET.chunks && large.slots <= DEVICE_BUDGET.slots);
  });

  it("fits the memory of the manifest when that cannot grow", async () => {
    const { peaks } = await bench.update({ imageSize: LARGE_IMAGE, memory: DEVICE_BUDGET });
    assert.ok(peaks.chunks > 0 && peaks.chunks <= DEVICE_BUDGET.chunks, `${peaks.chunks} chunk bytes`);
    assert.ok(
      peaks.stack > 0 && peaks.stack <= 0.75 * DEVICE_BUDGET.stack,
      `${peaks.stack} of ${DEVICE_BUDGET.stack} stack slots`,
    );
  });

  it("fits all that the SDK gives an ESP32-C3 with the small profile, divided beforehand and unable to grow", async () => {
    const c3 = join(process.env.MODDABLE ?? "", "build/devices/esp32/targets/esp32c3/manifest.json");
    const { creation }: { creation: { static: number } } = JSON.parse(readFileSync(c3, "utf8"));
    assert.equal(C3_BUDGET.chunks + 16 * (C3_BUDGET.slots + C3_BUDGET.stack), creation.static);
    // The firmware without instruments: nothing is measured, only that it succeeds.
    await bench.update({ imageSize: SMALL_IMAGE, memory: C3_BUDGET, profile: "small", plain: true });
  });

  it("is measured where it is short: the virtual machine gives up with too little", async () => {
    const memory = { ...DEVICE_BUDGET, chunks: TOO_FEW_CHUNKS };
    await assert.rejects(bench.update({ imageSize: SMALL_IMAGE, memory }), /memory full/);
  });
});
