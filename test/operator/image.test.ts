import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { NodeDigest } from "../../host-sim/chip/node-digest.js";
import { buildBundleImage, buildPartitionTable, isOtaSlot, partitionsFromCsv } from "../../modules/esp32-sim/index.js";
import { IMAGE_INFO_LENGTH, readImageInfo } from "../../modules/ota-partition/image-header.js";
import { type ImageCode, readImageFacts, readSlots, smallestSlot } from "../../operator/image/index.js";
import { image } from "./support/images.js";

const changed = (change: (bytes: Uint8Array, view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(image("1.0.2"));
  change(bytes, new DataView(bytes.buffer));
  return bytes;
};

/** The device's code in the words of the tool. */
function codeOf(read: () => unknown): string {
  try {
    read();
    return "";
  } catch (error) {
    const text = error instanceof Error ? error.message : "";
    return /\((image-[a-z-]+)\)$/.exec(text)?.[1] ?? text;
  }
}

describe("an image, as the operator's tool reads it", () => {
  it("says what the device reads in it", () => {
    const bytes = image("1.0.2", { project: "lamp" });
    const [mine, device] = [readImageFacts(bytes, "x"), readImageInfo(bytes.subarray(0, IMAGE_INFO_LENGTH))];
    assert.deepEqual(
      [mine.version, mine.project, mine.idfVersion, mine.built, mine.secureVersion, mine.segments],
      [
        device.version,
        device.project,
        device.idfVersion,
        `${device.date} ${device.time}`,
        device.secureVersion,
        device.segments,
      ],
    );
    assert.equal(mine.chip, "esp32");
    assert.equal(mine.size, bytes.length);
  });

  it("has a secure version and a chip's revisions", () => {
    const bytes = buildBundleImage({ bundle: new Uint8Array(9), version: "1", Digest: NodeDigest, secureVersion: 3 });
    assert.equal(readImageFacts(bytes, "x").secureVersion, 3);
  });

  const cases: readonly (readonly [string, Uint8Array, ImageCode])[] = [
    ["too short a file", image("1").subarray(0, 200), "image-too-small"],
    ["another file", changed((bytes) => bytes.set([0x50, 0x4b])), "image-magic"],
    ["no segments", changed((bytes) => bytes.set([0], 1)), "image-no-segments"],
    ["too many segments", changed((bytes) => bytes.set([17], 1)), "image-no-segments"],
    ["a first segment of odd length", changed((_, view) => view.setUint32(28, 301, true)), "image-structure"],
    ["no descriptor", changed((_, view) => view.setUint32(32, 0, true)), "image-no-descriptor"],
    ["no digest", changed((bytes) => bytes.set([0], 23)), "image-no-digest"],
    ["a file cut in a segment", image("1").subarray(0, 1000), "image-truncated"],
    ["a file cut before its digest", image("1").subarray(0, 19_990), "image-truncated"],
    ["a changed byte", changed((bytes) => bytes.set([(bytes[401] ?? 0) ^ 1], 401)), "image-checksum"],
    [
      "two bytes changed that leave the sum",
      changed((bytes) => bytes.set([(bytes[400] ?? 0) ^ 1, (bytes[401] ?? 0) ^ 1], 400)),
      "image-digest",
    ],
  ];
  for (const [what, bytes, code] of cases) {
    it(`is refused for ${what}: ${code}`, () =>
      assert.equal(
        codeOf(() => readImageFacts(bytes, "x")),
        code,
      ));
  }

  it("is refused for whatever the device refuses by its first bytes", () => {
    for (let at = 0; at < IMAGE_INFO_LENGTH; at += 1) {
      const bytes = changed((whole) => whole.set([(whole[at] ?? 0) ^ 0x55], at));
      const device = codeOf(() => readImageInfo(bytes.subarray(0, IMAGE_INFO_LENGTH), { chipId: bytes[12] ?? 0 }));
      if (device !== "")
        assert.notEqual(
          codeOf(() => readImageFacts(bytes, "x")),
          "",
          `byte ${at}`,
        );
    }
  });

  it("cannot put control characters into a terminal", () => {
    const bytes = changed((whole) => whole.set([0x1b, 0x5b], 0x50));
    assert.match(
      codeOf(() => readImageFacts(bytes, "x")),
      /^image-/,
    );
  });
});

describe("a partition table, as the operator's tool reads it", () => {
  const csv = readFileSync(new URL("../../modules/ota-partition/esp32/partitions.csv", import.meta.url), "utf8");

  it("has the slots of the project's own, as text and as the chip's records", () => {
    const partitions = partitionsFromCsv(csv);
    const expected = partitions.filter(isOtaSlot);
    const text = readSlots(Buffer.from(csv), "x");
    assert.deepEqual(
      text.map(({ size }) => size),
      expected.map(({ size }) => size),
    );
    const binary = readSlots(buildPartitionTable(partitions), "x");
    assert.deepEqual(binary, text);
    assert.equal(smallestSlot(text), Math.min(...expected.map(({ size }) => size)));
  });

  for (const [what, text, message] of [
    ["one slot", "ota_0,app,ota_0,,1M", /1 OTA slots; an update needs two/],
    ["nothing", "", /0 OTA slots/],
    ["a slot without a size", "a,app,ota_0,,\nb,app,ota_1,,1M", /ota_0 has no size: ""/],
  ] as const) {
    it(`is refused with ${what}`, () => assert.throws(() => readSlots(Buffer.from(text), "x"), message));
  }
});
