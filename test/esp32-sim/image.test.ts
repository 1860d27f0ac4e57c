import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildBundleImage,
  buildDescriptor,
  buildImage,
  Esp32SimError,
  type ImageOptions,
  type ImageReport,
  readBundle,
  readDescriptor,
  verifyImage,
} from "../../modules/esp32-sim/index.js";
import { NodeDigest } from "./support/node-digest.js";

const SLOT = 0x20000;
const descriptor = (): Uint8Array =>
  buildDescriptor({ version: "1.0.0", project: "host-sim", idfVersion: "v5.5", time: "00:00:00", date: "Jan  1 2024" });

function image(options: Partial<ImageOptions> = {}): Uint8Array {
  return buildImage({ segments: [{ address: 0x3f400020, data: descriptor() }], Digest: NodeDigest, ...options });
}

/** An image with data in RAM and mapped code, as a linker makes it. */
function truerImage(options: Partial<ImageOptions> = {}): Uint8Array {
  return image({
    segments: [
      { address: 0x3f400020, data: descriptor() },
      { address: 0x40080000, data: new Uint8Array(256).fill(7) },
      { address: 0x400d0020, data: new Uint8Array(4096).fill(9) },
    ],
    ...options,
  });
}

function verify(bytes: Uint8Array, mode: "app" | "bootloader", skipValidate = false, size = SLOT): ImageReport {
  const flash = new Uint8Array(Math.max(2 * SLOT, bytes.length)).fill(0xff);
  flash.set(bytes);
  const read = (offset: number, length: number): Uint8Array => {
    if (offset + length > flash.length) throw new Esp32SimError("flash-range", "beyond the flash");
    return flash.subarray(offset, offset + length);
  };
  return verifyImage({ size, read }, { Digest: NodeDigest, mode, skipValidate });
}

/** Results of the application's check, of loading, and of loading with SKIP_VALIDATE_ALWAYS. */
const results = (bytes: Uint8Array, size = SLOT): number[] => [
  verify(bytes, "app", false, size).error,
  verify(bytes, "bootloader", false, size).error,
  verify(bytes, "bootloader", true, size).error,
];

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  change(copy);
  return copy;
}

/** Checksum and digest made right again after a change. */
function resummed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = changed(bytes, change);
  const hashed = copy.subarray(0, copy.length - 32);
  const digest = new NodeDigest("SHA256");
  digest.write(hashed);
  copy.set(new Uint8Array(digest.close()), hashed.length);
  return copy;
}

const xor = (copy: Uint8Array, at: number, mask = 1): void => {
  copy[at] = (copy[at] ?? 0) ^ mask;
};

const INVALID = 0x2002;

describe("image builder", () => {
  it("makes the smallest application image to the byte", () => {
    const bytes = image();
    assert.equal(bytes.length, 336);
    assert.equal(
      Buffer.from(bytes.subarray(0, 32)).toString("hex"),
      "e901022000100840ee0000000000000000ffff00000000012000403f00010000",
    );
    assert.equal(bytes[303], 0x9c);
    assert.equal(
      Buffer.from(bytes.subarray(304)).toString("hex"),
      "8afe87832c2206ec16772c8af5fa1426721a0e8219d2a81f7d2deafd6c59674c",
    );
    assert.deepEqual(results(bytes), [0, 0, 0]);
  });

  it("puts a mapped segment at its address modulo 64 KiB with a padding segment before it", () => {
    const report = verify(truerImage(), "bootloader");
    assert.equal(report.error, 0, report.reason);
    assert.deepEqual(
      report.segments.map(({ address }) => address),
      [0x3f400020, 0x40080000, 0, 0x400d0020],
    );
    assert.equal((report.segments[3]?.offset ?? 0) % 0x10000, 0x20);
    assert.equal(report.entry, 0x40081000);
    assert.equal(report.length, truerImage().length);
  });

  it("refuses a segment that is not whole words", () => {
    assert.throws(() => image({ segments: [{ address: 0, data: new Uint8Array(255) }] }), /whole words/);
  });
});

describe("image verification", () => {
  const good = truerImage();
  const last = good.length - 32;
  const CASES: readonly (readonly [string, Uint8Array, readonly [number, number, number]])[] = [
    ["an intact image", good, [0, 0, 0]],
    ["an image without digest", truerImage({ appendDigest: false }), [0, 0, 0]],
    ["non-zero padding under a right digest", resummed(image(), (copy) => copy.set([5], 290)), [0, 0, 0]],
    [
      "a wrong descriptor magic under right sums",
      image({ segments: [{ address: 0x3f400020, data: new Uint8Array(256) }] }),
      [0, 0, 0],
    ],
    ["a wrong magic byte", changed(good, (copy) => xor(copy, 0)), [INVALID, INVALID, 0]],
    ["512 zero bytes", new Uint8Array(512), [INVALID, INVALID, 0]],
    ["17 whole segments", withSegments(17), [INVALID, INVALID, 0]],
    ["an erased slot", new Uint8Array(0), [INVALID, INVALID, INVALID]],
    ["17 segments", image({ segmentCount: 17 }), [INVALID, INVALID, INVALID]],
    ["a segment of odd length", changed(good, (copy) => xor(copy, 28, 2)), [INVALID, INVALID, INVALID]],
    ["a segment of 16 MiB", changed(good, (copy) => copy.set([0, 0, 0, 1], 28)), [INVALID, INVALID, INVALID]],
    ["a first segment of 4 bytes", image({ segments: [{ address: 0, data: new Uint8Array(4) }] }), [0, 0, 0]],
    ["a first segment without data", image({ segments: [{ address: 0, data: new Uint8Array(0) }] }), [0, 0, 0]],
    [
      "a mapped segment off its place",
      image({ segments: [{ address: 0x3f400040, data: descriptor() }], ignoreMapping: true }),
      [INVALID, INVALID, INVALID],
    ],
    ["a flipped data bit", changed(good, (copy) => xor(copy, 200)), [INVALID, INVALID, 0]],
    ["a wrong checksum under a right digest", truerImage({ checksum: 0x55 }), [INVALID, INVALID, 0]],
    ["a wrong stored digest", changed(good, (copy) => xor(copy, last)), [INVALID, INVALID, 0]],
    ["chip id 5", truerImage({ chipId: 5 }), [-1, -1, 0]],
    ["a minimum revision above the chip's", truerImage({ minRevision: 302 }), [-1, -1, 0]],
    ["a maximum revision below the chip's", truerImage({ maxRevision: 300 }), [-1, -1, 0]],
    ["a maximum revision of 0, which is no limit", truerImage({ maxRevision: 0 }), [0, 0, 0]],
    ["a RAM segment over the bootloader's data", withRam(0x3fff0000), [0, INVALID, INVALID]],
    ["a RAM segment over the bootloader's stack", withRam(0x3ffe3f00), [0, INVALID, INVALID]],
    ["a RAM segment that ends inside the bootloader's stack", withRam(0x3ffdbf00), [0, INVALID, INVALID]],
    ["a RAM segment between the bootloader's stack and data", withRam(0x3ffe8000), [0, INVALID, INVALID]],
    ["a RAM segment that ends where the bootloader's stack may reach", withRam(0x3ffdbe20), [0, 0, 0]],
    ["a RAM segment behind the bootloader's data", withRam(0x3fff6000), [0, 0, 0]],
    ["a load address that is no memory", withRam(0x60000000), [0, INVALID, INVALID]],
    ["a load address that is a negative number to the bootloader", withRam(0x80000000), [0, INVALID, INVALID]],
    ["a segment that ends at the last address", withRam(0xffffff00), [0, INVALID, INVALID]],
    ["a segment in RTC memory", withRam(0x50000000), [0, 0, 0]],
    ["data cut off inside the last segment", good.subarray(0, last - 1000), [INVALID, INVALID, 0]],
    ["data cut off before the last segment header", good.subarray(0, 0x10000), [INVALID, INVALID, INVALID]],
    ["zero segments with right sums", image({ segments: [] }), [0, 0, 0]],
  ];
  for (const [what, bytes, expected] of CASES) {
    it(`gives ${expected.map((error) => (error < 0 ? "-1" : `0x${error.toString(16)}`)).join(", ")} for ${what}`, () => {
      assert.deepEqual(results(bytes), expected);
    });
  }

  function withRam(address: number): Uint8Array {
    const data = new Uint8Array(256);
    return image({
      segments: [
        { address: 0x3f400020, data: descriptor() },
        { address, data },
      ],
    });
  }

  function withSegments(count: number): Uint8Array {
    const data = new Uint8Array(16);
    const more = Array.from({ length: count - 1 }, () => ({ address: 0, data }));
    return image({ segments: [{ address: 0x3f400020, data: descriptor() }, ...more], segmentCount: count });
  }

  for (const address of [0x7fffff00, 0x7fffff04, 0x7ffffffc]) {
    it(`ends the bootloader at a segment of 256 bytes at 0x${address.toString(16)}, and is valid to the application`, () => {
      const reaches = withRam(address);
      assert.equal(verify(reaches, "app").error, 0);
      for (const skip of [false, true]) assert.throws(() => verify(reaches, "bootloader", skip), /over 0x80000000/);
    });
  }

  it("ends the bootloader at words that begin within a word of IRAM, not at those of data memory", () => {
    assert.throws(() => verify(withRam(0x40080002), "bootloader"), /within a word/);
    assert.equal(verify(withRam(0x3ffb0002), "bootloader").error, 0);
  });

  it("refuses an image cut at every sector", () => {
    for (let length = 0; length < good.length; length += 4096) {
      assert.notEqual(verify(good.subarray(0, length), "app").error, 0, `cut at ${length}`);
    }
  });

  it("accepts an image exactly as long as its slot and refuses one byte less of slot", () => {
    assert.equal(verify(good, "app", false, good.length).error, 0);
    assert.equal(verify(good, "app", false, good.length - 1).error, INVALID);
  });

  it("refuses a partition above 16 MiB as an argument", () => {
    assert.equal(verify(good, "app", false, 0x1000001).error, 0x102);
  });

  it("reports a flash failure when lengths lead outside the chip", () => {
    const beyond = changed(good, (copy) => copy.set([0, 0, 0xf0, 0], 28));
    assert.equal(verify(beyond, "app").error, 0x2001);
  });
});

describe("bundle image", () => {
  const bundle = Uint8Array.from({ length: 1001 }, (_, index) => index & 0xff);
  const reader = (bytes: Uint8Array) => (offset: number, length: number) => bytes.subarray(offset, offset + length);

  it("carries a bundle in a mapped segment and gives it back", () => {
    const bytes = buildBundleImage({ bundle, version: "2.3.4", project: "p", Digest: NodeDigest });
    const report = verify(bytes, "bootloader");
    assert.equal(report.error, 0, report.reason);
    assert.equal(report.descriptor?.version, "2.3.4");
    assert.ok(report.segments.some(({ address }) => address >= 0x400d0000 && address < 0x40400000));
    assert.deepEqual(readBundle(reader(bytes)), { bundle, version: "2.3.4", project: "p" });
  });

  it("comes in exactly the size asked for, at every remainder of 16", () => {
    const smallest = buildBundleImage({ bundle, version: "1.0.0", Digest: NodeDigest }).length;
    for (let totalSize = smallest; totalSize < smallest + 80; totalSize += 1) {
      const bytes = buildBundleImage({ bundle, version: "1.0.0", Digest: NodeDigest, totalSize });
      assert.equal(bytes.length, totalSize);
      const report = verify(bytes, "bootloader");
      assert.equal(report.error, 0, `${totalSize}: ${report.reason}`);
      assert.ok(totalSize - report.length < 32);
      assert.deepEqual(readBundle(reader(bytes))?.bundle, bundle);
    }
  });

  it("is the same for the same seed and another for another", () => {
    const make = (seed: number) =>
      buildBundleImage({ bundle, version: "1.0.0", Digest: NodeDigest, totalSize: 0x8000, seed });
    assert.deepEqual(make(1), make(1));
    assert.notDeepEqual(make(1), make(2));
  });

  it("refuses a size that cannot hold the bundle", () => {
    const tooSmall = (error: unknown) => error instanceof Esp32SimError && error.code === "size-too-small";
    assert.throws(() => buildBundleImage({ bundle, version: "1.0.0", Digest: NodeDigest, totalSize: 1000 }), tooSmall);
  });

  it("gives no bundle out of an image without one or with a damaged length", () => {
    assert.equal(readBundle(reader(truerImage())), undefined);
    const bytes = buildBundleImage({ bundle, version: "1.0.0", Digest: NodeDigest });
    const magic = Buffer.from(bytes).indexOf("FWB1");
    assert.equal(
      readBundle(reader(changed(bytes, (copy) => copy.set([0xff, 0xff, 0xff, 0x7f], magic + 4)))),
      undefined,
    );
  });

  it("keeps the descriptor's texts inside their fields", () => {
    const read = readDescriptor(buildDescriptor({ version: "v".repeat(40), project: "p".repeat(40) }));
    assert.equal(read?.version, "v".repeat(31));
    assert.equal(read?.project, "p".repeat(31));
    assert.equal(readDescriptor(new Uint8Array(256)), undefined);
  });

  it("is valid in the eyes of esptool (needs esptool)", function () {
    const tool = ["esptool", "esptool.py"].find((name) => spawnSync(name, ["version"]).status === 0);
    if (!tool) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "image-"));
    try {
      for (const bytes of [
        image(),
        truerImage(),
        buildBundleImage({ bundle, version: "1.0.0", Digest: NodeDigest, totalSize: 70000 }),
      ]) {
        const file = join(folder, "image.bin");
        writeFileSync(file, bytes);
        // Version 5 spells the command image-info and dropped the option.
        const old = spawnSync(tool, ["--chip", "esp32", "image_info", "--version", "2", file]);
        const run: SpawnSyncReturns<Buffer> =
          old.status === 0 ? old : spawnSync(tool, ["--chip", "esp32", "image-info", file]);
        const output = run.stdout.toString();
        assert.equal(run.status, 0, output);
        assert.match(output, /Checksum: (0x)?[0-9a-f]+ \(valid\)/i);
        assert.match(output, /Validation hash: (0x)?[0-9a-f]+ \(valid\)/i);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
