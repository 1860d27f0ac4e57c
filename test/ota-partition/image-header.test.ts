import assert from "node:assert/strict";
import {
  IMAGE_INFO_LENGTH,
  OtaPartitionError,
  type OtaPartitionErrorCode,
  readImageInfo,
} from "../../modules/ota-partition/index.js";
import { failure, smallImage } from "./support/images.js";

const head = (options: Parameters<typeof smallImage>[0] = {}): Uint8Array =>
  smallImage(options).subarray(0, IMAGE_INFO_LENGTH);

function patched(at: number, bytes: readonly number[]): Uint8Array {
  const copy = head().slice();
  copy.set(bytes, at);
  return copy;
}

describe("image header", () => {
  it("tells version, project and chip from the first 288 bytes", () => {
    const info = readImageInfo(head());
    assert.equal(info.version, "1.2.3");
    assert.equal(info.project, "writer-test");
    assert.equal(info.chipId, 0);
    assert.equal(info.segments, 1);
    assert.equal(info.entry, 0x40081000);
    assert.equal(info.maxRevision, 65535);
    assert.equal(info.date, "Jan  1 2024");
  });

  it("reads a view into a larger buffer", () => {
    const buffer = new Uint8Array(400);
    buffer.set(head(), 7);
    assert.equal(readImageInfo(buffer.subarray(7)).version, "1.2.3");
  });

  it("replaces what is not printable, since these texts reach traces and JSON", () => {
    assert.equal(readImageInfo(patched(0x30, [0x31, 0x0a, 0x22, 0xc3, 0])).version, '1?"?');
  });

  it("takes a version that fills its field without a zero", () => {
    assert.equal(readImageInfo(patched(0x30, new Array(32).fill(0x39))).version, "9".repeat(32));
  });

  const REFUSALS: readonly (readonly [string, OtaPartitionErrorCode, Uint8Array])[] = [
    ["too few bytes", "image-too-small", head().subarray(0, 287)],
    ["no bytes", "image-too-small", new Uint8Array(0)],
    ["an HTML page", "image-magic", patched(0, [0x3c])],
    ["erased flash", "image-magic", new Uint8Array(288).fill(0xff)],
    ["an ESP32-C3 image", "image-chip", head({ chipId: 5 })],
    ["a newer chip's image", "image-revision", head({ minRevision: 302 })],
    ["an older chip's image", "image-revision", head({ maxRevision: 300 })],
    ["no segments", "image-no-segments", patched(1, [0])],
    ["17 segments", "image-no-segments", patched(1, [17])],
    ["no digest", "image-no-digest", head({ appendDigest: false })],
    ["a first segment of 252 bytes", "image-structure", patched(28, [0xfc, 0])],
    ["a first segment of 257 bytes", "image-structure", patched(28, [1, 1])],
    ["no descriptor", "image-no-descriptor", patched(32, [0])],
    ["a secure version below the eFuse", "secure-version", patched(0x24, [2])],
  ];
  for (const [what, code, bytes] of REFUSALS) {
    it(`refuses ${what} with ${code}`, () => {
      assert.throws(() => readImageInfo(bytes, { chipRevision: 301, secureVersion: 3 }), failure(code));
    });
  }

  it("asks for the chip it is told of", () => {
    assert.equal(readImageInfo(head({ chipId: 9 }), { chipId: 9 }).chipId, 9);
    assert.throws(() => readImageInfo(head(), { chipId: 9 }), failure("image-chip"));
  });

  it("takes every secure version from the chip's on, and any where it is not told of one", () => {
    for (const [bytes, secureVersion] of [
      [[3], 3],
      [[0, 0, 0, 128], 0x80000000],
    ] as const)
      assert.equal(readImageInfo(patched(0x24, bytes), { secureVersion: 3 }).secureVersion, secureVersion);
    assert.equal(readImageInfo(head()).secureVersion, 0);
  });

  it("does not check the revision of a chip it is not told of", () => {
    assert.equal(readImageInfo(head({ minRevision: 900 })).minRevision, 900);
  });

  it("calls only faults of transfer and flash retryable, and of these only the driver's repeatable", () => {
    const flags = (code: OtaPartitionErrorCode) => {
      const { repeatable, retryable } = new OtaPartitionError(code, "");
      return [repeatable, retryable];
    };
    assert.deepEqual(flags("image-digest"), [false, true]);
    assert.deepEqual(flags("flash-write-failed"), [true, true]);
    assert.deepEqual(flags("image-chip"), [false, false]);
    assert.deepEqual(flags("image-too-large"), [false, false]);
  });
});
