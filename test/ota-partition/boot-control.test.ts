import assert from "node:assert/strict";
import { buildBundleImage, encodeOtaEntry, MemoryFuse } from "../../modules/esp32-sim/index.js";
import { Esp32BootControl } from "../../modules/ota-partition/esp32/boot-control.js";
import { openNextSlot } from "../../modules/ota-partition/esp32/slot-flash.js";
import type { OtaPartitionErrorCode } from "../../modules/ota-partition/index.js";
import { SimulatedBootFunctions } from "../../modules/ota-partition/sim/native-calls.js";
import { type Chip, type ChipOptions, chipWith, entryOf, imageOf, OTADATA_OFFSET } from "../esp32-sim/support/chip.js";
import { NodeDigest } from "../esp32-sim/support/node-digest.js";
import { failure } from "./support/images.js";

const secureImage = buildBundleImage({
  bundle: new Uint8Array(4),
  version: "1.0.1",
  secureVersion: 1,
  Digest: NodeDigest,
});
const images = { ota_0: imageOf("1.0.1", "p"), ota_1: imageOf("1.0.2", "p") };

function setUp(options: ChipOptions = {}): { chip: Chip; control: Esp32BootControl; restarts: () => number } {
  const chip = chipWith({ images, entries: ["1 VALID", "blank"], ...options });
  chip.esp32.boot();
  let restarts = 0;
  const functions = new SimulatedBootFunctions({
    esp32: chip.esp32,
    resetReason: () => "brownout",
    restart: () => {
      restarts += 1;
    },
  });
  return { chip, control: new Esp32BootControl(functions), restarts: () => restarts };
}

describe("boot control of the ESP32", () => {
  it("describes the running and the next slot", () => {
    const { control } = setUp();
    assert.deepEqual(control.running(), {
      label: "ota_0",
      size: 0x10000,
      state: "VALID",
      version: "1.0.1",
      project: "p",
      chipId: 0,
      secureVersion: 0,
      chipRevision: 301,
    });
    assert.deepEqual(control.next(), { label: "ota_1", size: 0x10000, state: "NONE", version: "1.0.2" });
    assert.equal(control.resetReason(), "brownout");
  });

  it("leaves the version out when the next slot holds no image", () => {
    const { control } = setUp({ images: { ota_0: images.ota_0 } });
    assert.equal("version" in control.next(), false);
  });

  it("names every state, unknown numbers as UNDEFINED", () => {
    const { chip, control } = setUp();
    const states = ["1 NEW", "1 PENDING", "1 VALID", "1 INVALID", "1 ABORTED", "1 UNDEFINED", "1 7", "blank"].map(
      (text) => {
        const entry = entryOf(text);
        chip.memory.load(OTADATA_OFFSET, entry ? encodeOtaEntry(entry) : new Uint8Array(32).fill(0xff));
        return control.running().state;
      },
    );
    assert.deepEqual(states, [
      "NEW",
      "PENDING_VERIFY",
      "VALID",
      "INVALID",
      "ABORTED",
      "UNDEFINED",
      "UNDEFINED",
      "NONE",
    ]);
  });

  it("lives through an update", () => {
    const { chip, control, restarts } = setUp();
    control.begin();
    control.setBoot();
    assert.equal(control.next().state, "NEW");
    control.restart();
    assert.equal(restarts(), 1);
    chip.esp32.boot();
    assert.equal(control.running().state, "PENDING_VERIFY");
    assert.equal(control.rollbackEnabled(), true);
    assert.throws(() => control.begin(), failure("running-unconfirmed"));
    control.markValid();
    control.markValid();
    assert.deepEqual(chip.entries(), ["1 VALID", "2 VALID"]);
    control.begin();
    assert.deepEqual(chip.entries(), ["blank", "2 VALID"]);
  });

  it("rejects the running image and restarts", () => {
    const { chip, control, restarts } = setUp({ entries: ["1 VALID", "2 NEW"] });
    control.markInvalidAndRestart();
    assert.equal(restarts(), 1);
    assert.deepEqual(chip.entries(), ["1 VALID", "2 INVALID"]);
  });

  it("knows rollback off from the build and from a bootloader that left the image NEW", () => {
    assert.equal(setUp({ rollback: false }).control.rollbackEnabled(), false);
    const { control } = setUp({ entries: ["1 VALID", "2 NEW"], bootloaderRollback: false });
    assert.equal(control.running().state, "NEW");
    assert.equal(control.rollbackEnabled(), false);
    control.markValid();
    assert.equal(control.running().state, "VALID");
  });

  it("has nothing to confirm without rollback", () => {
    const { chip, control } = setUp({ rollback: false, entries: ["1 VALID", "2 UNDEFINED"] });
    const before = chip.writes();
    control.markValid();
    assert.equal(chip.writes(), before);
  });

  it("knows the secure version of a chip with anti-rollback", () => {
    const { control } = setUp({ antiRollback: new MemoryFuse(1), images: { ota_0: secureImage } });
    assert.equal(control.running().secureVersion, 1);
  });

  const CASES: readonly [string, OtaPartitionErrorCode, number, ChipOptions, (control: Esp32BootControl) => void][] = [
    [
      "a broken image in the next slot",
      "image-invalid",
      0x1503,
      { images: { ota_0: images.ota_0 } },
      (control) => control.setBoot(),
    ],
    [
      "an image below the eFuse in the next slot",
      "secure-version",
      0x1504,
      { antiRollback: new MemoryFuse(1), images: { ota_0: secureImage, ota_1: images.ota_1 } },
      (control) => control.setBoot(),
    ],
    ["nothing to return to", "rollback-failed", 0x1505, {}, (control) => control.markInvalidAndRestart()],
    [
      "mark valid while otadata selects another slot",
      "not-confirmable",
      0x103,
      { entries: ["1 VALID", "2 NEW"], images: { ota_0: images.ota_0 } },
      (control) => control.markValid(),
    ],
    [
      "mark valid without a record",
      "not-confirmable",
      0x105,
      { entries: ["1 ABORTED", "2 VALID bad"], images: { ota_1: images.ota_1 } },
      (control) => control.markValid(),
    ],
  ];
  for (const [what, code, number, options, call] of CASES) {
    it(`refuses ${what} with ${code} and changes nothing`, () => {
      const { chip, control, restarts } = setUp(options);
      const before = chip.entries();
      assert.throws(
        () => call(control),
        (error) => failure(code)(error) && error instanceof Error && "espError" in error && error.espError === number,
      );
      assert.deepEqual(chip.entries(), before);
      assert.equal(restarts(), 0);
    });
  }

  it("refuses everything about a next slot when there is only one", () => {
    const csv = "otadata, data, ota, 0xd000, 0x2000\nota_0, app, ota_0, 0x10000, 0x10000\n";
    const { control } = setUp({ csv, images: { ota_0: images.ota_0 } });
    assert.throws(() => control.next(), failure("no-slot"));
    assert.throws(() => control.begin(), failure("slot-conflict"));
    assert.throws(() => control.setBoot(), failure("slot-conflict"));
  });

  it("maps an error it has no name for", () => {
    const { chip, control } = setUp();
    chip.memory.write = () => {
      throw new Error("cable");
    };
    assert.throws(() => control.setBoot(), /cable/, "what is no driver error passes");
  });
});

describe("slot flash over the SDK's flash class", () => {
  function storage() {
    const calls: unknown[][] = [];
    const note =
      (name: string) =>
      (...args: unknown[]) => {
        calls.push([name, ...args]);
      };
    const open = (options: { path: string; mode?: string }) => {
      calls.push(["open", options.path, options.mode]);
      return {
        status: () => ({ size: 8192, blockLength: 4096, blocks: 2 }),
        read: note("read"),
        write: note("write"),
        eraseBlock: note("eraseBlock"),
        close: note("close"),
      };
    };
    return { calls, slot: openNextSlot({ open }) };
  }

  it("opens the next update slot for writing", () => {
    assert.deepEqual(storage().calls, [["open", "nextota", "r+"]]);
  });

  it("always passes both ends of an erase, since the SDK counts arguments", () => {
    const { calls, slot } = storage();
    slot.eraseBlock(3);
    slot.eraseBlock(0, 16);
    assert.deepEqual(calls.slice(1), [
      ["eraseBlock", 3, 4],
      ["eraseBlock", 0, 16],
    ]);
  });

  it("passes reads, writes and close on", () => {
    const { calls, slot } = storage();
    const bytes = new Uint8Array(4);
    slot.read(bytes, 8);
    slot.write(bytes, 12);
    slot.close();
    assert.deepEqual(calls.slice(1), [["read", bytes, 8], ["write", bytes, 12], ["close"]]);
    assert.deepEqual(slot.status(), { size: 8192, blockLength: 4096 });
  });
});
