import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { NodeDigest } from "../../host-sim/board/index.js";
import { type Engine, nodeEngine, xsEngine } from "../../host-sim/engines/index.js";
import {
  buildFirmwareImage,
  compileFirmware,
  imageOf,
  packFirmware,
  unpackFirmware,
} from "../../host-sim/image/index.js";
import { Esp32SimError, readBundle, verifyImage } from "../../modules/esp32-sim/index.js";
import { programBoard } from "../support/program-board.js";
import { needXs, XS_TITLE } from "../support/xs-required.js";

const manifest = fileURLToPath(new URL("./application/manifest.json", import.meta.url));
const archive = {
  program: "trace('ä')",
  resources: { b: Uint8Array.of(1), a: new Uint8Array(0) },
  config: { x: [1, null] },
  ffi: ["f"],
};

describe("firmware archive", () => {
  it("comes out as it went in", () => {
    assert.deepEqual(unpackFirmware(packFirmware(archive)), archive);
  });

  it("refuses other bytes", () => {
    const packed = packFirmware(archive);
    for (const wrong of [
      new Uint8Array(0),
      new Uint8Array(100),
      packed.subarray(0, packed.length - 1),
      packed.subarray(1),
      new Uint8Array(50).fill(0xff),
    ]) {
      assert.throws(() => unpackFirmware(wrong));
    }
  });
});

describe("buildFirmwareImage", () => {
  it("makes a valid image which carries the version and the program", async () => {
    const image = await buildFirmwareImage({ manifest, version: "1.2.3", project: "example" });
    const source = {
      size: 0x1f0000,
      read: (offset: number, length: number) => image.subarray(offset, offset + length),
    };
    const report = verifyImage(source, { Digest: NodeDigest, mode: "bootloader" });
    assert.deepEqual([report.error, report.length], [0, image.length]);
    const record = readBundle(source.read);
    assert.deepEqual([record?.version, record?.project], ["1.2.3", "example"]);
    const firmware = unpackFirmware(record?.bundle ?? new Uint8Array(0));
    assert.match(firmware.program, /^\/\/|^"use strict"/);
    assert.deepEqual(firmware.resources, { "root.der": new Uint8Array(Buffer.from("root")) });
  });

  it("does not put the version, a path of this machine or types into the program", async () => {
    const { program } = await compileFirmware({ manifest });
    assert.equal(program.includes(fileURLToPath(new URL("../..", import.meta.url))), false);
    assert.equal(/\binterface\b|import type/.test(program), false);
  });

  it("makes the same bytes again", async () => {
    const one = await buildFirmwareImage({ manifest, version: "1.2.3", size: 70_001 });
    const other = await buildFirmwareImage({ manifest, version: "1.2.3", size: 70_001 });
    assert.deepEqual(one, other);
    assert.equal(one.length, 70_001);
  });

  it("refuses a size that is too small and a version that does not fit", async () => {
    const firmware = await compileFirmware({ manifest });
    assert.throws(
      () => imageOf(firmware, { version: "1", size: 500 }),
      (error) => error instanceof Esp32SimError && error.code === "size-too-small",
    );
    for (const version of ["", "1".repeat(32), "1.0 beta", "1.0\u00e4"])
      assert.throws(() => imageOf(firmware, { version }), RangeError);
    assert.throws(() => imageOf(firmware, { version: "1", project: "" }), RangeError);
  });

  it("lets given configuration win, and another entry replace main", async () => {
    const entry = fileURLToPath(new URL("./application/library/unused.ts", import.meta.url));
    const firmware = await compileFirmware({ manifest, entry, config: { endpoint: "iot.test" } });
    assert.equal(firmware.config.endpoint, "iot.test");
    assert.equal(firmware.program.includes("root.der"), false);
  });

  it("keeps names, and leaves out comments", async () => {
    const { program } = await compileFirmware({ manifest });
    assert.match(program, /function freezeAsPreload/);
    assert.equal(program.includes("/**"), false);
    const small = await compileFirmware({ manifest, minify: true });
    assert.ok(small.program.length < program.length);
  });

  it("compiles the project's own firmware, names and all, to less than 360 KB", async () => {
    const firmware = await compileFirmware();
    assert.ok(imageOf(firmware, { version: "1.0.1" }).length < 360_000);
    assert.ok("AmazonRootCA1.der" in firmware.resources);
    assert.ok(firmware.ffi.includes("fota_mark_valid"));
  });

  function preloadSuite(engineOf: () => Promise<Engine>): void {
    it("runs preloaded modules first, frozen as the device has them", async () => {
      const image = await buildFirmwareImage({ manifest, version: "1.0.0" });
      const { board, lines, resets, run } = await programBoard("", { image, engine: await engineOf() });
      run(1000);
      board.powerCut();
      assert.deepEqual(resets, []);
      assert.deepEqual(lines, [
        "unused module evaluated",
        "<esp32> esp32 4 1",
        "static: TypeError",
        "prototype: TypeError",
        "static map: TypeError",
        "map: TypeError",
        "set: TypeError",
        "hidden class: TypeError",
        "plain object: changed",
      ]);
    });
  }

  describe("on Node", () => preloadSuite(async () => nodeEngine()));
  describe(XS_TITLE, () => {
    before(needXs);
    preloadSuite(() => xsEngine());
  });
});
