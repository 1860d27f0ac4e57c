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
    ["a segment between the bootloader's stack and data", "image-structure", withSegment(0x3ffe8000)],
    ["a segment that runs out of IRAM", "image-structure", withSegment(0x400a9ff0, 64)],
    ["a segment that begins within a word of IRAM", "image-structure", withSegment(0x40080002)],
    ["a segment that begins within a word of data memory", "image-structure", withSegment(0x3ffb0001)],
    ["a segment that reaches over 0x80000000", "image-structure", withSegment(0x7ffffff0)],
    ["a segment that reaches over the last address", "image-structure", withSegment(0xfffffff0)],
  ];
  for (const [what, code, bytes] of REFUSALS) {
    it(`refuses ${what} with ${code}`, () => assert.throws(() => check(bytes), failure(code)));
  }

  it("accepts a segment up to the bootloader's memory and one behind it", () => {
    for (const address of [0x3ffdbf20 - 64, 0x3fff6000]) assert.equal(check(withSegment(address)).segments, 2);
  });

  it("leaves the addresses of a chip that it does not know to its bootloader", () => {
    assert.equal(check(forChip(0x77, 0x3c000020, 0x60000001), 4096, 0x77).chipId, 0x77);
  });

  /** First address that is good, first one that the bootloader's memory takes, its last word, and the one behind. */
  const CHIPS: readonly (readonly [string, number, number, readonly [number, number, number, number]])[] = [
    ["ESP32-S2", 2, 0x3f000020, [0x3ffddfc0, 0x3ffddfc4, 0x3ffeaafc, 0x3ffeab00]],
    ["ESP32-S2 (IRAM)", 2, 0x3f000020, [0x4004dfc0, 0x4004dfc4, 0x4005aafc, 0x4005ab00]],
    ["ESP32-C3", 5, 0x3c000020, [0x3fcce6d0, 0x3fcce6d4, 0x3fcde70c, 0x3fcde710]],
    ["ESP32-C3 (IRAM)", 5, 0x3c000020, [0x403ce6d0, 0x403ce6d4, 0x403de70c, 0x403de710]],
    ["ESP32-S3", 9, 0x3c000020, [0x3fcdb6c0, 0x3fcdb6c4, 0x3fceb70c, 0x3fceb710]],
    ["ESP32-S3 (IRAM)", 9, 0x3c000020, [0x403cb6c0, 0x403cb6c4, 0x403db70c, 0x403db710]],
    ["ESP32-C6", 13, 0x42000020, [0x4086e5d0, 0x4086e5d4, 0x4087e60c, 0x4087e610]],
    ["ESP32-H2", 16, 0x42000020, [0x4083ef90, 0x4083ef94, 0x4084f37c, 0x4084f380]],
  ];
  for (const [chip, id, first, [before, enters, last, behind]] of CHIPS) {
    it(`refuses what goes where the bootloader of an ${chip} runs, and nothing beside it`, () => {
      for (const address of [before, behind]) assert.equal(check(forChip(id, first, address), 4096, id).segments, 2);
      for (const address of [enters, last, behind + 1, 0x60000000])
        assert.throws(() => check(forChip(id, first, address), 4096, id), failure("image-structure"), `${address}`);
    });
  }

  for (const [what, id, log, fits] of [
    ["an ESP32-S3, which has no other page than 64 KiB", 9, 12, false],
    ["an ESP32-C6 with pages of 64 KiB", 13, 16, false],
    ["an ESP32-C6 with pages of 4 KiB", 13, 12, true],
    ["an ESP32-H2 with the pages that its bootloader was built for", 16, 0, true],
    ["an ESP32-H2 that claims pages of 128 KiB", 16, 17, false],
  ] as const) {
    it(`${fits ? "accepts" : "refuses"} a segment at its place modulo 4 KiB alone, for ${what}`, () => {
      const data = descriptor();
      data[0xb4] = log;
      const bytes = smallImage({
        segments: [
          { address: 0x42000020, data },
          { address: 0x42011000 + 24 + 8 + 256 + 8, data: new Uint8Array(64) },
        ],
        chipId: id,
        ignoreMapping: true,
      });
      if (fits) assert.equal(check(bytes, 4096, id).segments, 2);
      else assert.throws(() => check(bytes, 4096, id), failure("image-structure"));
    });
  }

  function forChip(chipId: number, first: number, address: number): Uint8Array {
    return smallImage({
      segments: [
        { address: first, data: descriptor() },
        { address, data: new Uint8Array(64) },
      ],
      chipId,
      ignoreMapping: true,
    });
  }
});
