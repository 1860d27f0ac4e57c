import assert from "node:assert/strict";
import { ImageCheck, type OtaPartitionErrorCode } from "../../modules/ota-partition/index.js";
import { descriptor, failure, imageOfSize, NodeDigest, smallImage } from "./support/images.js";

function check(bytes: Uint8Array, piece = 4096, chipId = 0): ReturnType<ImageCheck["end"]> {
  const checker = new ImageCheck(new NodeDigest("SHA256"), { chipId });
  for (let at = 0; at < bytes.length; at += piece) checker.write(bytes.subarray(at, at + piece));
  return checker.end();
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

const withSegment = (address: number, length = 64, ignoreMapping = false): Uint8Array =>
  smallImage({
    segments: [
      { address: 0x3f400020, data: descriptor() },
      { address, data: new Uint8Array(length) },
    ],
    ignoreMapping,
  });

/**
 * A page of another size is for other chips: on an ESP32 the bootloader maps by 64 KiB whatever the descriptor says.
 */
function smallPages(): Uint8Array {
  const data = descriptor();
  data[0xb4] = 12;
  const place = 24 + 8 + 256 + 8;
  return smallImage({
    segments: [
      { address: 0x3f400020, data },
      { address: 0x400d1000 + place, data: new Uint8Array(64) },
    ],
    ignoreMapping: true,
  });
}

describe("image check", () => {
  const image = imageOfSize(10000);

  for (const piece of [1, 3, 16, 287, 288, 289, 4096, 20000]) {
    it(`accepts an image in pieces of ${piece} bytes`, () => {
      const result = check(image, piece);
      assert.equal(result.version, "1.2.3");
      assert.equal(result.imageLength, 10000);
    });
  }

  it("accepts the smallest image, empty segments and signing padding after the end", () => {
    assert.equal(check(smallImage()).imageLength, 336);
    assert.equal(check(withSegment(0x40080000, 0), 1).segments, 2);
    const padded = new Uint8Array(1000).fill(0xff);
    padded.set(smallImage());
    assert.equal(check(padded, 7).imageLength, 336);
    assert.equal(check(withSegment(0x3ffdbf00, 0x20)).segments, 2, "up to the bootloader's stack");
  });

  it("refuses an image with any byte after the header changed", () => {
    const small = withSegment(0x40080000);
    for (let at = 24; at < small.length; at += 1) {
      assert.throws(() => check(flipped(small, at)), `byte ${at}`);
    }
  });

  it("refuses an image cut at any byte", () => {
    const small = withSegment(0x40080000);
    for (let length = 0; length < small.length; length += 1) {
      assert.throws(() => check(small.subarray(0, length), 50), failure("image-truncated"), `cut at ${length}`);
    }
  });

  const REFUSALS: readonly (readonly [string, OtaPartitionErrorCode, Uint8Array])[] = [
    ["a flipped data bit", "image-checksum", flipped(image, 5000)],
    ["a wrong checksum under a right digest", "image-checksum", smallImage({ checksum: 1 })],
    ["a wrong stored digest", "image-digest", flipped(image, 9999)],
    ["two flipped bits that cancel in the checksum", "image-digest", flipped(flipped(image, 5000), 5001)],
    ["a segment of odd length", "image-structure", flipped(withSegment(0x40080000), 0x120 + 4)],
    ["a segment off its mapped place", "image-structure", withSegment(0x400d0000, 64, true)],
    ["a segment outside the chip's memory", "image-structure", withSegment(0x60000000)],
    ["a segment off its mapped place, under a descriptor that claims pages of 4 KiB", "image-structure", smallPages()],
    ["a segment over the bootloader's data", "image-structure", withSegment(0x3fff5ff0)],
    ["a segment over the bootloader's stack", "image-structure", withSegment(0x3ffdbf00)],
    ["a segment that runs out of IRAM", "image-structure", withSegment(0x400a9ff0, 64)],
  ];
  for (const [what, code, bytes] of REFUSALS) {
    it(`refuses ${what} with ${code}`, () => assert.throws(() => check(bytes), failure(code)));
  }

  it("leaves the addresses of other chips to their bootloaders", () => {
    const bytes = smallImage({
      segments: [
        { address: 0x3c000020, data: descriptor() },
        { address: 0x60000000, data: new Uint8Array(64) },
      ],
      chipId: 9,
    });
    assert.equal(check(bytes, 4096, 9).chipId, 9);
  });
});
