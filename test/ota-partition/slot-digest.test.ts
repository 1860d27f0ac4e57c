import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type OtaPartitionError, SlotDigest, type SlotDigestOptions } from "../../modules/ota-partition/index.js";
import { NodeDigest } from "./support/images.js";
import { ManualTimer } from "./support/manual-timer.js";
import { StrictFlash } from "./support/strict-flash.js";

function setUp(options: Partial<SlotDigestOptions> = {}) {
  const flash = new StrictFlash(0x20000);
  flash.bytes.forEach((_, index) => {
    flash.bytes[index] = (index * 7 + (index >> 9)) & 0xff;
  });
  const timer = new ManualTimer();
  const done: Uint8Array[] = [];
  const errors: OtaPartitionError[] = [];
  const digest = new SlotDigest({
    flash,
    size: 100_000,
    Digest: NodeDigest,
    timer,
    onDone: (sha256) => done.push(sha256),
    onError: (error) => errors.push(error),
    ...options,
  });
  return { flash, timer, done, errors, digest };
}

describe("slot digest", () => {
  for (const size of [1, 4096, 16_384, 16_385, 100_000, 0x20000]) {
    it(`is the SHA-256 of the first ${size} bytes, 16 KiB a turn`, () => {
      const { flash, timer, done, errors, digest } = setUp({ size });
      digest.start();
      assert.equal(timer.drain(), Math.ceil(size / 16_384));
      assert.deepEqual(errors, []);
      const expected = createHash("sha256").update(flash.bytes.subarray(0, size)).digest("hex");
      assert.deepEqual(
        done.map((sha256) => Buffer.from(sha256).toString("hex")),
        [expected],
      );
    });
  }

  it("says when flash cannot be read, and nothing after it", () => {
    const flash = {
      ...new StrictFlash(0x20000),
      status: () => ({ size: 0x20000, blockLength: 4096 }),
      close: () => {},
    };
    const read = (_: Uint8Array, offset: number) => {
      if (offset >= 32_768) throw new Error("ESP_FAIL");
    };
    const { timer, done, errors, digest } = setUp({ flash: { ...flash, read } });
    digest.start();
    timer.drain();
    assert.deepEqual([done.length, errors.map(({ code }) => code)], [0, ["flash-read-failed"]]);
  });

  it("is silent after close", () => {
    const { timer, done, errors, digest } = setUp();
    digest.start();
    timer.turn();
    digest.close();
    digest.close();
    timer.drain();
    assert.deepEqual([done, errors], [[], []]);
  });

  it("needs a size", () => {
    for (const size of [0, -1, 1.5, Number.NaN])
      assert.throws(() => setUp({ size }), { name: "OtaPartitionError", code: "bad-option" });
  });
});
