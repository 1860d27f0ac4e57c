import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { encodeOtaEntry } from "../../../modules/esp32-sim/index.js";
import { RESET_CAUSES } from "../../../modules/ota-partition/index.js";
import { callNative } from "../../../modules/ota-partition/sim/native-calls.js";
import { type Chip, chipWith, entryOf, imageOf, OTADATA_OFFSET } from "../../esp32-sim/support/chip.js";
import { hasCompiler, NativeProgram } from "./native-program.js";

const manifest: unknown = JSON.parse(
  readFileSync(new URL("../../../modules/ota-partition/esp32/manifest.json", import.meta.url), "utf8"),
);
const SLOTS = ["slot a 0x20000 0x1f0000 ota_0", "slot b 0x210000 0x1f0000 ota_1"];
const TYPICAL = [...SLOTS, "running a", "next b", "boot a", "state a 0 2"];

describe("fota_boot.c (needs cc)", () => {
  let program: NativeProgram | undefined;
  const run = (...script: string[]): string[] => program?.run(script) ?? [];

  before(function () {
    if (!hasCompiler()) this.skip();
    program = new NativeProgram({ rollback: true });
  });
  after(() => program?.remove());

  it("begins with sequential writes on the next slot and gives the handle back", () => {
    assert.deepEqual(run(...TYPICAL, "call fota_begin"), ["esp_ota_begin b 0xfffffffe", "esp_ota_abort 77", "= 0"]);
  });

  for (const [what, script, calls] of [
    ["selects the running slot", ["boot a", "state a 0 2"], []],
    ["has an unconfirmed image running", ["boot a", "state a 0 1"], []],
    [
      "selects nothing by an entry",
      ["boot a", "state a 0x105 0"],
      ["esp_ota_set_boot_partition a", "esp_ota_mark_app_valid_cancel_rollback"],
    ],
    [
      "has rejected the running image",
      ["boot a", "state a 0 4"],
      ["esp_ota_set_boot_partition a", "esp_ota_mark_app_valid_cancel_rollback"],
    ],
    [
      "selects the other slot and has no entry of the running one",
      ["boot b", "state a 0x105 0", "result esp_ota_mark_app_invalid_rollback -1"],
      ["esp_ota_mark_app_invalid_rollback", "esp_ota_set_boot_partition a", "esp_ota_mark_app_valid_cancel_rollback"],
    ],
    ["belongs to a factory image that runs", ["boot b", "state a 0x106 0"], []],
  ] as const) {
    it(`begins when otadata ${what}: ${calls.join(", ") || "nothing before"}`, () => {
      const lines = run(...SLOTS, "running a", "next b", ...script, "call fota_begin");
      assert.deepEqual(lines, [...calls, "esp_ota_begin b 0xfffffffe", "esp_ota_abort 77", "= 0"]);
    });
  }

  it("begins nothing when the running image cannot be selected or marked, or is the slot to write", () => {
    const unselected = [...SLOTS, "running a", "next b", "boot a", "state a 0x105 0"];
    assert.deepEqual(run(...unselected, "result esp_ota_set_boot_partition 0x1503", "call fota_begin"), [
      "esp_ota_set_boot_partition a",
      "= 5379",
    ]);
    assert.deepEqual(run(...unselected, "result esp_ota_mark_app_valid_cancel_rollback 0x6001", "call fota_begin"), [
      "esp_ota_set_boot_partition a",
      "esp_ota_mark_app_valid_cancel_rollback",
      "= 24577",
    ]);
    assert.deepEqual(run(...SLOTS, "running a", "next a", "state a 0x105 0", "call fota_begin"), ["= 5377"]);
  });

  for (const error of [0x101, 0x102, 0x105, 0x1501, 0x1506]) {
    it(`passes 0x${error.toString(16)} of esp_ota_begin on and aborts nothing`, () => {
      assert.deepEqual(run(...TYPICAL, `result esp_ota_begin ${error}`, "call fota_begin"), [
        "esp_ota_begin b 0xfffffffe",
        `= ${error}`,
      ]);
    });
  }

  it("sets the boot flag on the next slot", () => {
    assert.deepEqual(run(...TYPICAL, "call fota_set_boot"), ["esp_ota_set_boot_partition b", "= 0"]);
    const refused = run(...TYPICAL, "result esp_ota_set_boot_partition 0x1503", "call fota_set_boot");
    assert.deepEqual(refused, ["esp_ota_set_boot_partition b", "= 5379"]);
  });

  it("neither begins nor sets the flag without a slot, nor sets it on the running one", () => {
    assert.deepEqual(run(...SLOTS, "running a", "next none", "call fota_begin"), ["= 261"]);
    assert.deepEqual(run(...SLOTS, "running a", "next none", "call fota_set_boot"), ["= 261"]);
    assert.deepEqual(run(...SLOTS, "running a", "next a", "call fota_set_boot"), ["= 5377"]);
  });

  it("takes the boot flag back by marking the selected entry, and leaves the running slot's alone", () => {
    const selected = [...SLOTS, "running a", "next b", "boot b", "state a 0 2", "state b 0 0"];
    assert.deepEqual(run(...selected, "call fota_unset_boot"), ["esp_ota_mark_app_invalid_rollback", "= 0"]);
    const refused = run(...selected, "result esp_ota_mark_app_invalid_rollback 0x1505", "call fota_unset_boot");
    assert.deepEqual(refused, ["esp_ota_mark_app_invalid_rollback", "= 5381"]);
    assert.deepEqual(run(...TYPICAL, "call fota_unset_boot"), ["= 0"]);
    assert.deepEqual(run(...SLOTS, "running none", "boot b", "call fota_unset_boot"), ["= 261"]);
  });

  for (const [state, calls, result] of [
    [0, ["esp_ota_mark_app_valid_cancel_rollback"], 0],
    [1, ["esp_ota_mark_app_valid_cancel_rollback"], 0],
    [2, [], 0],
    [3, [], 0x103],
    [4, [], 0x103],
    [7, [], 0x103],
    [0xffffffff, [], 0],
  ] as const) {
    it(`marks valid with state ${state} of the running slot: ${result}`, () => {
      const lines = run(...SLOTS, "running b", "next a", "boot b", `state b 0 ${state}`, "call fota_mark_valid");
      assert.deepEqual(lines, [...calls, `= ${result}`]);
    });
  }

  it("marks nothing when otadata selects another slot than the running one", () => {
    const differing = [...SLOTS, "running a", "next b", "boot b", "state a 0 1", "state b 0 1"];
    assert.deepEqual(run(...differing, "call fota_mark_valid"), ["= 259"]);
    assert.deepEqual(run(...differing, "call fota_mark_invalid_and_restart"), ["= 259"]);
  });

  it("passes the errors of marking on", () => {
    const pending = [...SLOTS, "running a", "boot a", "state a 0 1"];
    assert.deepEqual(run(...pending, "result esp_ota_mark_app_valid_cancel_rollback 0x6001", "call fota_mark_valid"), [
      "esp_ota_mark_app_valid_cancel_rollback",
      "= 24577",
    ]);
    const impossible = "result esp_ota_mark_app_invalid_rollback_and_reboot 0x1505";
    assert.deepEqual(run(...pending, impossible, "call fota_mark_invalid_and_restart"), [
      "esp_ota_mark_app_invalid_rollback_and_reboot",
      "= 5381",
    ]);
    assert.deepEqual(run(...SLOTS, "running a", "boot a", "state a 0x106 0", "call fota_mark_valid"), ["= 262"]);
  });

  it("restarts", () => {
    assert.deepEqual(run("call fota_restart"), ["esp_restart", "= undefined"]);
  });

  it("describes slots, and answers for slots that are not there", () => {
    const lines = run(
      ...TYPICAL,
      ...["fota_label 0", "fota_label 1", "fota_label 2", "fota_label 9"].map((call) => `call ${call}`),
      ...["fota_address 1", "fota_address 9", "fota_size 1", "fota_size 9"].map((call) => `call ${call}`),
      ...["fota_state 0", "fota_state 1", "fota_state 9"].map((call) => `call ${call}`),
    );
    assert.deepEqual(lines, [
      ...['= "ota_0"', '= "ota_1"', '= "ota_0"', '= ""'],
      ...["= 2162688", "= 0", "= 2031616", "= 0"],
      ...["= 2", "= -2", "= -2"],
    ]);
  });

  it("gives states beyond ESP-IDF's five their own numbers", () => {
    const state = (number: number) => run(...TYPICAL, `state a 0 ${number}`, "call fota_state 0")[0];
    assert.deepEqual([0, 4, 5, 7, 0xfffffffe, 0xffffffff].map(state), ["= 0", "= 4", "= 5", "= 5", "= 5", "= -1"]);
  });

  it("gives a label of 16 characters whole", () => {
    assert.deepEqual(run("slot x 1 2 abcdefghijklmnop", "running x", "call fota_label 0"), ['= "abcdefghijklmnop"']);
  });

  it("gives texts of a descriptor as printable ASCII", () => {
    const hex = (text: string) => Buffer.from(text, "latin1").toString("hex");
    const described = `desc b 0 ${hex("1.0.\n\xe9x")} ${hex("p".repeat(32))}`;
    const lines = run(...TYPICAL, described, "call fota_version 1", "call fota_project 1", "call fota_version 0");
    assert.deepEqual(lines, ['= "1.0.??x"', `= "${"p".repeat(32)}"`, '= ""']);
  });

  it("tells the least free heap since the start", () => {
    assert.deepEqual(run("call fota_lowest_free_memory"), ["= 41234"]);
  });

  it("names every reset reason", () => {
    const reasons = Array.from({ length: 18 }, (_, index) => run(`reason ${index}`, "call fota_reset_reason")[0]);
    const names = [
      ...["unknown", "power-on", "external", "software", "panic", "int-watchdog", "task-watchdog", "watchdog"],
      ...["deep-sleep", "brownout", "sdio", "usb", "jtag", "efuse", "power-glitch", "cpu-lockup"],
      ...["unknown", "unknown"], // beyond ESP-IDF's last
    ];
    assert.deepEqual(
      reasons,
      names.map((name) => `= "${name}"`),
    );
    assert.deepEqual(new Set(names), new Set(Object.keys(RESET_CAUSES)));
  });

  it("knows the chip and the build", () => {
    assert.deepEqual(
      run("revision 301", "call fota_chip_revision", "call fota_chip_id", "call fota_rollback_enabled"),
      ["= 301", "= 0", "= 1"],
    );
    const without = new NativeProgram({ rollback: false });
    try {
      assert.deepEqual(without.run(["call fota_rollback_enabled"]), ["= 0"]);
    } finally {
      without.remove();
    }
  });

  it("knows the secure version of the chip in a build with anti-rollback", () => {
    assert.deepEqual(run("fuse 3", "call fota_secure_version"), ["= 0"]);
    const hardened = new NativeProgram({ rollback: true, antiRollback: true });
    try {
      assert.deepEqual(hardened.run(["fuse 3", "call fota_secure_version"]), ["= 3"]);
    } finally {
      hardened.remove();
    }
  });

  describe("against the simulated chip", () => {
    const images = { ota_0: imageOf("1.0.1"), ota_1: imageOf("1.0.2") };
    const STATES: readonly [running: "ota_0" | "ota_1", entries: [string, string]][] = [
      ["ota_0", ["1 VALID", "blank"]],
      ["ota_0", ["1 VALID", "2 PENDING"]],
      ["ota_0", ["1 VALID", "2 NEW"]],
      ["ota_0", ["blank", "blank"]],
      ["ota_1", ["1 VALID", "2 PENDING"]],
      ["ota_1", ["1 VALID", "2 VALID"]],
      ["ota_1", ["1 VALID", "2 NEW"]],
      ["ota_1", ["blank", "2 PENDING"]],
      ["ota_1", ["1 VALID", "2 UNDEFINED"]],
      ["ota_1", ["1 VALID", "2 7"]],
      ["ota_1", ["1 VALID", "2 ABORTED"]],
      ["ota_1", ["2 VALID bad", "blank"]],
      ["ota_1", ["1 INVALID", "2 ABORTED"]],
      ["ota_0", ["1 ABORTED", "blank"]],
    ];
    const CALLS = [
      "fota_begin",
      "fota_set_boot",
      "fota_unset_boot",
      "fota_mark_valid",
      "fota_mark_invalid_and_restart",
    ];
    const QUERIES = ["label", "address", "size", "state", "version", "project"].flatMap((name) =>
      [0, 1, 2, 9].map((which) => [`fota_${name}`, which] as const),
    );

    /** A chip that runs a slot with the given entries put in place afterwards. */
    function chipIn(runs: "ota_0" | "ota_1", entries: [string, string]): Chip {
      const chip = chipWith({ images, entries: runs === "ota_0" ? ["1 VALID", "blank"] : ["blank", "2 VALID"] });
      chip.esp32.boot();
      assert.equal(chip.esp32.running?.label, runs);
      chip.memory.erase(OTADATA_OFFSET, 0x2000);
      entries.forEach((text, index) => {
        const entry = entryOf(text);
        if (entry) chip.memory.load(OTADATA_OFFSET + index * 0x1000, encodeOtaEntry(entry));
      });
      return chip;
    }

    /** What the simulated ESP-IDF in C has to answer so that both see the same chip. */
    function answers(runs: "ota_0" | "ota_1", entries: [string, string], called = ""): string[] {
      const { esp32 } = chipIn(runs, entries);
      const { ota } = esp32;
      const hex = (text: string) => Buffer.from(text).toString("hex");
      const script: string[] = [];
      for (const label of ["ota_0", "ota_1"]) {
        const slot = esp32.partitions.find((partition) => partition.label === label);
        const { error, state } = ota.statePartition(slot);
        const { descriptor } = ota.partitionDescription(slot);
        script.push(`slot ${label} ${slot?.offset} ${slot?.size} ${label}`, `state ${label} ${error} ${state}`);
        if (descriptor) script.push(`desc ${label} 0 ${hex(descriptor.version)} ${hex(descriptor.project)}`);
      }
      const next = ota.nextUpdatePartition();
      script.push(`running ${runs}`, `next ${next?.label}`, `boot ${ota.bootPartition()?.label}`);
      const begun = chipIn(runs, entries).esp32.ota;
      script.push(`result esp_ota_begin ${begun.begin(begun.nextUpdatePartition(), 0xfffffffe).error}`);
      script.push(`result esp_ota_set_boot_partition 0`);
      const marked = chipIn(runs, entries).esp32.ota;
      // A begin marks the slot that it has set just before.
      if (called === "fota_begin") marked.setBootPartition(marked.runningPartition());
      script.push(`result esp_ota_mark_app_valid_cancel_rollback ${marked.markValid()}`);
      const invalid = chipIn(runs, entries).esp32.ota.markInvalidRollback();
      script.push(`result esp_ota_mark_app_invalid_rollback ${invalid}`);
      script.push(`result esp_ota_mark_app_invalid_rollback_and_reboot ${invalid}`);
      return script;
    }

    for (const [runs, entries] of STATES) {
      it(`gives the same answers while ${runs} runs with ${entries.join(" / ")}`, () => {
        const script = answers(runs, entries);
        for (const name of CALLS) {
          const asked = answers(runs, entries, name);
          const chip = chipIn(runs, entries);
          const board = { esp32: chip.esp32, resetReason: () => "panic", restart: () => {} };
          assert.equal(`= ${callNative(name, [], board)}`, run(...asked, `call ${name}`).pop(), name);
        }
        for (const [name, which] of QUERIES) {
          const { esp32 } = chipIn(runs, entries);
          const value = callNative(name, [which], { esp32, resetReason: () => "panic", restart: () => {} });
          const text = typeof value === "string" ? `= "${value}"` : `= ${value}`;
          assert.equal(text, run(...script, `call ${name} ${which}`).pop(), `${name} ${which}`);
        }
      });
    }
  });
});

describe("names of fota_boot.c's functions", () => {
  it("are the same in the manifest and on the simulated chip", () => {
    const functions = (manifest as { ffi: { functions: Record<string, { returns: string }> } }).ffi.functions;
    const chip = chipWith({ images: { ota_0: imageOf("1.0.1") } });
    chip.esp32.boot();
    const board = { esp32: chip.esp32, resetReason: () => "panic", restart: () => {} };
    for (const [name, { returns }] of Object.entries(functions)) {
      const value = callNative(name, [0], board);
      const type = returns === "void" ? "undefined" : returns.endsWith("char*") ? "string" : "number";
      assert.equal(typeof value, type, name);
    }
    assert.throws(() => callNative("fota_unknown", [], board), RangeError);
  });

  it("coerce their argument as the FFI glue does", () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.1") } });
    chip.esp32.boot();
    const board = { esp32: chip.esp32, resetReason: () => "panic", restart: () => {} };
    assert.equal(callNative("fota_label", ["x"], board), "ota_0");
    assert.equal(callNative("fota_label", [1.9], board), "ota_1");
  });
});
