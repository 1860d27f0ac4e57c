import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  type OtaPartitionError,
  SlotVerifier,
  type SlotVerifierOptions,
  type VerifiedImage,
} from "../../modules/ota-partition/index.js";
import { failure, imageOfSize, NodeDigest } from "./support/images.js";
import { ManualTimer } from "./support/manual-timer.js";
import { StrictFlash } from "./support/strict-flash.js";

const image = imageOfSize(100000);

function setUp(options: Partial<SlotVerifierOptions> = {}) {
  const flash = new StrictFlash(0x20000);
  flash.bytes.set(image);
  const timer = new ManualTimer();
  const done: VerifiedImage[] = [];
  const errors: OtaPartitionError[] = [];
  const verifier = new SlotVerifier({
    flash,
    size: image.length,
    Digest: NodeDigest,
    timer,
    onDone: (result) => done.push(result),
    onError: (error) => errors.push(error),
    ...options,
  });
  return { flash, timer, done, errors, verifier };
}

describe("slot verifier", () => {
  it("gives description and SHA-256 of what is in flash, in slices on later turns", () => {
    const { verifier, timer, done, errors } = setUp();
    verifier.start();
    assert.equal(verifier.position, 0);
    assert.equal(timer.drain(), Math.ceil(image.length / 16384));
    assert.deepEqual(errors, []);
    assert.equal(done[0]?.version, "1.2.3");
    assert.equal(done[0]?.imageLength, image.length);
    const expected = createHash("sha256").update(image).digest("hex");
    assert.equal(done[0] && Buffer.from(done[0].sha256).toString("hex"), expected);
  });

  it("reads 16 KiB a turn", () => {
    const { verifier, timer } = setUp();
    verifier.start();
    timer.turn();
    assert.equal(verifier.position, 16384);
  });

  it("covers padding after the image with the file's SHA-256", () => {
    const { verifier, timer, done } = setUp({ size: image.length + 16 });
    verifier.start();
    timer.drain();
    assert.equal(done[0]?.imageLength, image.length);
    assert.notEqual(
      done[0] && Buffer.from(done[0].sha256).toString("hex"),
      createHash("sha256").update(image).digest("hex"),
    );
  });

  for (const [what, at, code] of [
    ["a spoilt cell", 50000, "image-checksum"],
    ["a spoilt digest", 99999, "image-digest"],
    ["a spoilt first byte", 0, "image-magic"],
  ] as const) {
    it(`reports ${what} as ${code}, once`, () => {
      const { verifier, timer, done, errors, flash } = setUp();
      flash.bytes[at] = (flash.bytes[at] ?? 0) ^ 0x10;
      verifier.start();
      timer.drain();
      assert.deepEqual(done, []);
      assert.deepEqual(
        errors.map((error) => error.code),
        [code],
      );
    });
  }

  it("reports an image longer than the file", () => {
    const { verifier, timer, errors } = setUp({ size: image.length - 1 });
    verifier.start();
    timer.drain();
    assert.deepEqual(
      errors.map((error) => error.code),
      ["image-truncated"],
    );
  });

  it("reports a read that fails", () => {
    const { verifier, timer, errors, flash } = setUp();
    verifier.start();
    timer.turn();
    flash.closed = true;
    timer.drain();
    assert.deepEqual(
      errors.map((error) => error.code),
      ["flash-read-failed"],
    );
    assert.equal(timer.waiting, 0);
  });

  it("is silent after close, which may come twice", () => {
    const { verifier, timer, done, errors } = setUp();
    verifier.start();
    timer.turn();
    verifier.close();
    verifier.close();
    timer.drain();
    assert.equal(done.length + errors.length, 0);
    assert.equal(timer.waiting, 0);
  });

  it("lets no exception of onDone reach the timer", () => {
    const { verifier, timer, errors } = setUp({
      onDone: () => {
        throw new Error("application");
      },
    });
    verifier.start();
    timer.drain();
    assert.deepEqual(
      errors.map((error) => error.code),
      ["callback-failed"],
    );
  });

  it("runs once", () => {
    const { verifier } = setUp();
    verifier.start();
    assert.throws(() => verifier.start(), failure("closed"));
    const { verifier: closed } = setUp();
    closed.close();
    assert.throws(() => closed.start(), failure("closed"));
  });

  it("refuses sizes that make no sense", () => {
    assert.throws(() => setUp({ size: 0 }), failure("bad-option"));
    assert.throws(() => setUp({ size: 1.5 }), failure("bad-option"));
  });
});
