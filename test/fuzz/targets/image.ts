import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { buildDescriptor, buildImage, type ImageReport, verifyImage } from "../../../modules/esp32-sim/index.js";
import { OTA_PARTITION_RETRY, OtaPartitionError } from "../../../modules/ota-partition/errors.js";
import { ImageCheck } from "../../../modules/ota-partition/image-check.js";
import { IMAGE_INFO_LENGTH, readImageInfo } from "../../../modules/ota-partition/image-header.js";
import { SlotVerifier, type VerifiedImage } from "../../../modules/ota-partition/slot-verifier.js";
import { NodeDigest } from "../../esp32-sim/support/node-digest.js";
import { StrictFlash } from "../../ota-partition/support/strict-flash.js";
import { bytesTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, cutBytes, type Outcome, outcomeOf } from "../../support/fuzz/invariants.js";
import { mutatedBytes } from "../../support/fuzz/mutations.js";
import { VirtualTimer } from "../../support/virtual-timer.js";

const CHIP_REVISION = 301;
const SLOT_LENGTH = 0x40000;
const HEADER_LENGTH = 24;
const DIGEST_LENGTH = 32;

/** Where segments go: places of the chip, their edges, what the bootloader itself uses, and nowhere. */
const ADDRESSES = [
  ...[0x3f400020, 0x400d0018, 0x40080000, 0x3ffb0000, 0x50000000, 0x400c0000, 0x3ff80000, 0, 0x0fffffff, 0x10000000],
  ...[0x3ffae000, 0x3fffff00, 0x40080400, 0x400a9f00, 0x3fff0000, 0x3ffdbf00, 0x3ffe3f00, 0x3f7ffff0, 0x3f3ffff0],
  ...[0x403ffff0, 0x50001f00, 0xfffffff0, 0x3ffe0000, 0x40078000, 0x3fff5ff0, 0x400a0000],
  ...[0x3ffe8000, 0x3ffefff0, 0x7ffffff0, 0x7ffffffc, 0x80000000, 0x40080002, 0x3ffb0001],
];
const MAPPED_FIRST = 0x3f400020;
const PAGE = 0x10000;
const isMapped = (address: number): boolean =>
  (address >= 0x3f400000 && address < 0x3f800000) || (address >= 0x400d0000 && address < 0x40400000);

type Segment = { readonly address: number; readonly length: number; readonly fits: boolean };

const segments: fc.Arbitrary<Segment> = fc.record({
  address: fc.oneof(
    fc.constantFrom(...ADDRESSES),
    fc.integer({ min: 0x3ff00000, max: 0x40100000 }).map((address) => address - (address % 4)),
  ),
  length: fc.constantFrom(0, 4, 16, 60, 256, 300),
  fits: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
});

/** Mapped segments get the address of their page that suits their place in the file, instead of a page of padding. */
function placed(list: readonly Segment[]): { address: number; data: Uint8Array }[] {
  let at = HEADER_LENGTH + 8 + 256;
  return list.map(({ address, length, fits }) => {
    const place = at + 8;
    at = place + length;
    const suited = isMapped(address) && fits ? address - (address % PAGE) + (place % PAGE) : address;
    return { address: suited, data: new Uint8Array(length) };
  });
}

const images = fc
  .record({
    version: fc.constantFrom("1.0.2", "", "\u00e4\u0007", "x".repeat(31)),
    first: fc.constantFrom(MAPPED_FIRST, MAPPED_FIRST, 0x3ffb0000, 0),
    others: fc.array(segments, { maxLength: 4 }),
    appendDigest: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
    revisions: fc.constantFrom<readonly [number, number]>(
      [0, 0xffff],
      [0, 0xffff],
      [0, 0],
      [301, 301],
      [302, 400],
      [0, 300],
    ),
  })
  .map(({ version, first, others, appendDigest, revisions: [minRevision, maxRevision] }) =>
    buildImage({
      segments: [{ address: first, data: buildDescriptor({ version, project: "fuzz" }) }, ...placed(others)],
      Digest: NodeDigest,
      appendDigest,
      ignoreMapping: true,
      minRevision,
      maxRevision,
    }),
  );

/** Where the image ends by its own headers, without a look at whether they make sense. */
function endOf(image: Uint8Array): number | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  let at = HEADER_LENGTH;
  for (let left = image[1] ?? 0; left > 0; left--) {
    if (at + 8 > image.length) return undefined;
    at += 8 + view.getUint32(at + 4, true);
  }
  const hashed = (Math.floor(at / 16) + 1) * 16;
  return hashed + DIGEST_LENGTH <= image.length ? hashed : undefined;
}

/** Checksum and SHA-256 made right again, so that only the sense of the headers can be what is wrong. */
function resealed(image: Uint8Array): Uint8Array {
  const end = image.length < HEADER_LENGTH ? undefined : endOf(image);
  if (end === undefined) return image;
  const copy = image.slice();
  const view = new DataView(copy.buffer);
  let sum = 0xef;
  for (let left = copy[1] ?? 0, at = HEADER_LENGTH; left > 0; left--) {
    const length = view.getUint32(at + 4, true);
    for (let index = at + 8; index < at + 8 + length; index++) sum ^= copy[index] ?? 0;
    at += 8 + length;
  }
  copy[end - 1] = sum;
  copy.set(createHash("sha256").update(copy.subarray(0, end)).digest(), end);
  return copy;
}

type Checked = ReturnType<ImageCheck["end"]>;

const imageCode = (error: unknown): string | undefined => (error instanceof OtaPartitionError ? error.code : undefined);

function checked(pieces: readonly Uint8Array[]): Outcome<Checked> {
  return outcomeOf(() => {
    const check = new ImageCheck(new NodeDigest("SHA256"), { chipRevision: CHIP_REVISION });
    for (const piece of pieces) check.write(piece);
    return check.end();
  }, imageCode);
}

/** ESP-IDF's own rules, over a slot that holds the image and is erased behind it. */
function espIdf(image: Uint8Array, mode: "app" | "bootloader"): ImageReport {
  const slot = new Uint8Array(SLOT_LENGTH).fill(0xff);
  slot.set(image.subarray(0, SLOT_LENGTH));
  const read = (offset: number, length: number) => {
    const bytes = new Uint8Array(length).fill(0xff);
    bytes.set(slot.subarray(offset, offset + length));
    return bytes;
  };
  return verifyImage({ size: SLOT_LENGTH, read }, { Digest: NodeDigest, mode, chipRevision: CHIP_REVISION });
}

/** What the verifier says of the same bytes in flash. */
function verified(image: Uint8Array): Outcome<VerifiedImage> {
  const timer = new VirtualTimer();
  const flash = new StrictFlash(Math.ceil(image.length / 4096) * 4096);
  flash.bytes.set(image);
  const outcomes: Outcome<VerifiedImage>[] = [];
  const verifier = new SlotVerifier({
    flash,
    size: image.length,
    Digest: NodeDigest,
    timer,
    chipRevision: CHIP_REVISION,
    onDone: (value) => outcomes.push({ kind: "value", value }),
    onError: ({ code, message }) => outcomes.push({ kind: "error", code, message }),
  });
  verifier.start();
  timer.advance(60_000);
  assert.equal(outcomes.length, 1, "it ends once");
  assert.equal(timer.pending, 0);
  assert.deepEqual(flash.log, [], "it only reads");
  return outcomes[0] ?? assert.fail();
}

export const image = bytesTarget({
  name: "image",
  reads: "images: header, segments, descriptor, checksum, digest",
  reaches: [
    ...["accepted", "image-magic", "image-structure", "image-truncated", "image-checksum", "image-digest"],
    ...["image-no-digest", "image-revision", "image-no-descriptor", "image-no-segments"],
  ],
  data: fc
    .tuple(mutatedBytes(images, { most: 3 }), fc.integer({ min: 0, max: 3 }))
    .map(([bytes, dice]) => (dice === 0 ? bytes : resealed(bytes))),
  check: (bytes, salt) => {
    const whole = checked([bytes]);
    assert.deepEqual(checked(cutBytes(bytes, salt)), whole, "the same verdict however it is cut");
    if (salt % 8 === 0 && bytes.length > 0) {
      const slot = verified(bytes);
      assert.equal(slot.kind, whole.kind);
      if (slot.kind === "error" && whole.kind === "error") assert.equal(slot.code, whole.code);
    }
    const early = outcomeOf(
      () => readImageInfo(bytes.subarray(0, IMAGE_INFO_LENGTH), { chipRevision: CHIP_REVISION }),
      imageCode,
    );
    if (whole.kind === "error") {
      assert.ok(Object.hasOwn(OTA_PARTITION_RETRY, whole.code));
      assertSafeMessage(whole.message, 120);
      return whole.code;
    }
    assert.equal(early.kind, "value", "what is accepted in the end is not refused at the start");
    const { imageLength, version, entry, secureVersion } = whole.value;
    assert.ok(imageLength <= bytes.length);
    assert.match(version, /^[\x20-\x7e]{0,32}$/);
    for (const mode of ["app", "bootloader"] as const) {
      const report = espIdf(bytes, mode);
      assert.equal(report.error, 0, `${mode}: ${report.reason}`);
      assert.equal(report.length, imageLength);
      assert.equal(report.entry, entry);
      assert.equal(report.descriptor?.secureVersion, secureVersion);
    }
    return "accepted";
  },
});
