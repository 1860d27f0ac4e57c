import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBoard, RealClock, VirtualClock } from "../../host-sim/board/index.js";
import { MemoryStore } from "../../modules/esp32-sim/index.js";
import { programBoard, programImage, QuietNetwork } from "../support/program-board.js";

describe("Board", () => {
  it("runs the program out of the slot that the bootloader chose", async () => {
    const { board, events, lines, run } = await programBoard(
      `trace("colour ", require("mc/config").default.colour, "\\n");`,
    );
    assert.equal(board.state, "booting");
    run(1000);
    assert.deepEqual(lines, ["colour blue"]);
    assert.equal(board.running?.label, "ota_0");
    const boot = events.find((event) => event.type === "boot");
    assert.ok(boot?.type === "boot" && boot.result.outcome === "app");
    assert.deepEqual([boot.number, boot.reason, boot.version, boot.otadata?.[0].seq], [1, "power-on", "1.0.0", 1]);
  });

  it("lets configuration and resources of the board win over those of the image", async () => {
    const program = `const Resource = require("Resource").default;
      trace(require("mc/config").default.colour, " ", new Resource("key.der").byteLength, " ", Resource.exists("none"), "\\n");`;
    const { lines, run } = await programBoard(program, {
      config: { colour: "red" },
      resources: { "key.der": new Uint8Array(3) },
    });
    run(1000);
    assert.deepEqual(lines, ["red 3 false"]);
  });

  it("runs the code of the other slot after the boot flag was set, and the old one again when that is not confirmed", async () => {
    const newImage = programImage(
      `trace(native.fota_label(0), " ", native.fota_state(0), "\\n"); Timer.set(() => native.fota_restart(), 100);`,
      "2.0.0",
    );
    const program = `
      trace(native.fota_label(0), " ", native.fota_state(1), " ", native.fota_reset_reason(), "\\n");
      const image = new Uint8Array(require("Resource").default.exists("new") ? new (require("Resource").default)("new").slice(0) : 0);
      if (native.fota_state(1) === -2) {
        native.fota_begin();
        const slot = flash.open({ path: "nextota" });
        slot.eraseBlock(0, Math.ceil(image.length / 4096));
        slot.write(image, 0);
        trace("set boot ", native.fota_set_boot(), "\\n");
        native.fota_restart();
      }`;
    const { lines, resets, run } = await programBoard(program, { resources: { new: newImage } });
    run(5000);
    assert.deepEqual(lines, ["ota_0 -2 power-on", "set boot 0", "ota_1 1", "ota_0 4 software"]);
    assert.deepEqual(resets, ["software: ", "software: "]);
  });

  it("resets when an exception leaves a timer callback", async () => {
    const { board, resets, run, lines } = await programBoard(
      `trace(native.fota_reset_reason(), "\\n"); Timer.set(() => { throw new TypeError("boom"); }, 50);`,
      { maxBoots: 2 },
    );
    run(5000);
    assert.deepEqual(lines, ["power-on", "panic"]);
    assert.match(resets[0] ?? "", /^panic: unhandled exception: TypeError: boom/);
    assert.equal(board.state, "stuck", "two boots were allowed");
    assert.equal(board.timers.size, 0);
  });

  it("resets when the program is no JavaScript, or no program", async () => {
    const broken = await programBoard("this is not a program", { maxBoots: 1 });
    broken.run(1000);
    assert.match(broken.resets[0] ?? "", /^panic: unhandled exception: SyntaxError/);
  });

  it("is stuck when no slot holds a valid image", async () => {
    const clock = new VirtualClock();
    const flash = new MemoryStore(4 << 20);
    const board = await createBoard({ flash, clock, network: new QuietNetwork() });
    board.powerOn();
    clock.advance(1000);
    assert.equal(board.state, "stuck");
    assert.equal(board.running, undefined);
  });

  it("shows a corrupt byte in what runs: the bootloader refuses the slot", async () => {
    const image = programImage("");
    image[image.length - 60] = (image[image.length - 60] ?? 0) ^ 1;
    const clock = new VirtualClock();
    const board = await createBoard({ image, clock, network: new QuietNetwork() });
    board.powerOn();
    clock.advance(1000);
    assert.equal(board.state, "stuck");
  });

  it("kills the program at a power cut: no timer fires, and it begins anew at power on", async () => {
    const { board, lines, run } = await programBoard(`let n = 0; Timer.repeat(() => trace(++n, "\\n"), 100);`);
    run(550);
    board.powerCut();
    assert.equal(board.state, "off");
    const before = lines.length;
    run(1000);
    assert.equal(lines.length, before);
    board.powerOn();
    run(450);
    assert.deepEqual(lines, ["1", "2", "1"]);
    assert.throws(() => board.powerOn(), /is on/);
  });

  it("begins with the time of day at 1970, keeps a time that was set through a reset, and loses it with the power", async () => {
    const program = `trace(new Date().getUTCFullYear(), "\\n"); require("time").default.set(1767225600);
      if (native.fota_reset_reason() === "power-on") Timer.set(() => native.fota_restart(), 10);`;
    const { board, lines, run } = await programBoard(program);
    run(2000);
    board.powerCut();
    board.powerOn();
    run(350);
    assert.deepEqual(lines, ["1970", "2026", "1970"]);
  });

  it("resets by the task watchdog when the program blocks for too long", async () => {
    const { resets, run, lines } = await programBoard(
      `trace(native.fota_reset_reason(), "\\n"); if (native.fota_reset_reason() === "power-on") { Timer.delay(4000); trace("fine\\n"); Timer.delay(6000); trace("never\\n"); }`,
    );
    run(20000);
    assert.deepEqual(resets, ["task-watchdog: blocked for 6000 ms"]);
    assert.deepEqual(lines, ["power-on", "fine", "task-watchdog"]);
  });

  it("cannot be stopped by a program that catches everything", async () => {
    const { lines, resets, run } = await programBoard(
      `if (native.fota_reset_reason() === "power-on") { try { native.fota_restart(); } catch {} try { trace("still here\\n"); } catch {} }`,
    );
    run(2000);
    assert.deepEqual(lines, []);
    assert.deepEqual(resets, ["software: "]);
  });

  it("panics when the program writes to the slot it runs from", async () => {
    for (const action of ["eraseBlock(0)", "write(new Uint8Array(4), 0)"]) {
      const { resets, run } = await programBoard(`flash.open({ path: "running" }).${action};`, { maxBoots: 1 });
      run(1000);
      assert.deepEqual(resets, ["panic: write to the running slot ota_0"]);
    }
  });

  it("tells the program what the flash refuses", async () => {
    const program = `const slot = flash.open({ path: "nextota" });
      for (const wrong of [() => slot.read(10, slot.status().size), () => slot.eraseBlock(0, 10000), () => slot.write(new Uint8Array(8), slot.status().size - 4), () => flash.open({ path: "nothing" }).status()]) {
        try { wrong(); trace("accepted\\n"); } catch (error) { trace(error instanceof Error, "\\n"); }
      }`;
    const { lines, run } = await programBoard(program);
    run(1000);
    assert.deepEqual(lines, ["true", "true", "true", "true"]);
  });

  describe("with a cut at every step", () => {
    const program = `
      const phase = Preference.get("test", "phase") ?? 0;
      trace("phase ", phase, "\\n");
      const slot = flash.open({ path: "nextota" });
      if (phase === 0) { slot.eraseBlock(0, 17); slot.write(new Uint8Array(100).fill(phase), 0); Preference.set("test", "phase", 1); native.fota_restart(); }
      if (phase === 1) Timer.set(() => { Preference.set("test", "phase", 2); trace("done\\n"); }, 10);`;

    it("ends in the same state wherever it was cut", async () => {
      const good = await programBoard(program);
      good.run(2000);
      const total = good.board.steps;
      assert.equal(
        total,
        10,
        "the bootloader's two, erase of a block and a sector, write, store, restart, timer, delete and store",
      );
      for (let step = 1; step <= total; step += 1) {
        for (const where of ["before", "torn", "after"] as const) {
          const bench = await programBoard(program);
          bench.board.planCut({ step, where });
          bench.run(2000);
          assert.equal(bench.board.state, "off", `step ${step} ${where}`);
          assert.equal(bench.board.counters.powerCuts, 1);
          bench.board.powerOn();
          bench.run(3000);
          assert.equal(bench.board.store.get("test", "phase"), 2, `step ${step} ${where}`);
        }
      }
    });
  });

  it("does the same again from the same seed", async () => {
    const program = `Timer.repeat(() => trace(Math.random(), " ", Date.now(), "\\n"), 7);`;
    const [one, other, third] = [
      await programBoard(program),
      await programBoard(program),
      await programBoard(program, { seed: 2 }),
    ];
    for (const bench of [one, other, third]) bench.run(1000);
    assert.ok(one.lines.length > 90);
    assert.deepEqual(one.lines, other.lines);
    assert.notDeepEqual(one.lines, third.lines);
  });

  it("goes on from its flash file in a new process", async () => {
    const folder = mkdtempSync(join(tmpdir(), "board-"));
    try {
      const flashFile = join(folder, "flash.bin");
      const program = `const n = (Preference.get("test", "n") ?? 0) + 1; Preference.set("test", "n", n); trace(n, "\\n");`;
      const first = await programBoard(program, { flashFile });
      first.run(1000);
      first.board.powerCut();
      const second = await programBoard("trace('another image')", { flashFile });
      second.run(1000);
      assert.deepEqual([first.lines, second.lines], [["1"], ["2"]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("runs on the wall clock too", async () => {
    const traced = new Promise<string>((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error("nothing traced")), 5000);
      createBoard({
        image: programImage(`Timer.set(() => trace(new Date().getFullYear() > 2020, "\\n"), 5);`),
        clock: new RealClock(),
        clockSet: true,
        bootMs: 0,
        network: new QuietNetwork(),
        onEvent: (event) => {
          if (event.type !== "trace") return;
          clearTimeout(timeout);
          resolve(event.text);
        },
      }).then((board) => board.powerOn(), reject);
    });
    assert.equal(await traced, "true");
  });

  it("refuses to be made without anything to run", async () => {
    await assert.rejects(createBoard({ clock: new VirtualClock(), network: new QuietNetwork() }), /needs an image/);
  });
});
