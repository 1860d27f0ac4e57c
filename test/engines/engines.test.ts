import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BoardSetup } from "../../host-sim/board/index.js";
import { type Engine, type EngineName, engineByName, nodeEngine, xsEngine } from "../../host-sim/engines/index.js";
import { type Bench, programBoard } from "../support/program-board.js";
import { needXs, XS_TITLE } from "../support/xs-required.js";

/** Small programs with what they trace on either engine. */
const PROGRAMS: readonly {
  readonly title: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly anyOrder?: boolean;
}[] = [
  {
    title: "has the device's globals and no others",
    text: `trace(Object.getOwnPropertyNames(globalThis).filter((name) => name !== "handleCommand").sort().join(" "), "\\n");`,
    lines: [
      "AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError FinalizationRegistry " +
        "Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array JSON Map Math NaN Number Object Promise Proxy RangeError " +
        "ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError System TypeError URIError Uint16Array Uint32Array Uint8Array " +
        "Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite " +
        "isNaN parseFloat parseInt trace undefined unescape",
    ],
  },
  {
    title: "shows nothing of Node, of the browser or of the engine's own tools, nor the host function",
    text: `const names = ["console", "Buffer", "process", "setTimeout", "setImmediate", "fetch", "structuredClone", "queueMicrotask", "URL", "TextDecoder", "TextEncoder",
      "Intl", "WebAssembly", "performance", "crypto", "print", "gc", "issueCommand", "harden", "Compartment", "host", "guest", "global"];
      trace(names.filter((name) => { try { return eval("typeof " + name) !== "undefined"; } catch { return true; } }).join(), "\\n");`,
    lines: [""],
  },
  {
    title: "lacks the library functions that some XS in use lacks",
    text: `const names = ["toSorted", "toReversed", "with"].filter((name) => name in Array.prototype || name in Uint8Array.prototype);
      if ("groupBy" in Object || "withResolvers" in Promise || "union" in Set.prototype || "toHex" in Uint8Array.prototype || "isWellFormed" in String.prototype) names.push("later");
      trace(names.join(), "\\n");`,
    lines: [""],
  },
  {
    title: "offers the SDK's extensions of built-ins",
    text: `trace(String.fromArrayBuffer(ArrayBuffer.fromString("a\\u00e9").concat(Uint8Array.of(33).buffer)), " ", Object.isFrozen(Object.freeze({ a: { b: 1 } }, true).a), "\\n");`,
    lines: ["aé! true"],
  },
  {
    title: "cannot extend built-ins",
    text: `for (const target of [Array.prototype, Promise, Math, String.prototype]) { try { target.extra = 1; trace("extended\\n"); } catch (error) { trace(error instanceof TypeError, "\\n"); } }
      globalThis.mine = 1; trace(mine, "\\n");`,
    lines: ["true", "true", "true", "true", "1"],
  },
  {
    title: "has the board's time, in UTC",
    text: `const set = require("time").default.set; set(1767225600); const date = new Date();
      trace(date.toISOString(), " ", date.getHours(), " ", date.getTimezoneOffset(), " ", date instanceof Date, " ", Date.now() === date.getTime(), " ", typeof Date(), " ", new Date(0).getFullYear(), "\\n");`,
    lines: ["2026-01-01T00:00:00.000Z 0 0 true true string 1970"],
  },
  {
    title: "has the board's random numbers",
    text: `trace(Math.random().toFixed(6), " ", Math.random().toFixed(6), "\\n");`,
    lines: ["0.627074 0.002736"],
  },
  {
    title: "runs promise jobs at the end of the turn that queued them",
    text: `Timer.set(() => { Promise.resolve().then(() => trace("job 1\\n")).then(() => trace("job 2\\n")); trace("timer 1\\n"); }, 10);
      Timer.set(() => trace("timer 2\\n"), 10); (async () => { await null; trace("main job\\n"); })(); trace("main\\n");`,
    lines: ["main", "main job", "timer 1", "job 1", "job 2", "timer 2"],
  },
  {
    title: "gets host errors as its own errors",
    text: `try { require("nothing"); } catch (error) { trace(error instanceof Error, " ", error.message, "\\n"); }
      try { flash.open({ path: "nextota" }).read(4, -1); trace("read\\n"); } catch (error) { trace(error instanceof Error, "\\n"); }`,
    lines: ["true module not found: nothing", "true"],
  },
  {
    title: "gets bytes as its own typed arrays",
    text: `const slot = flash.open({ path: "nextota" }); slot.eraseBlock(0); slot.write(Uint8Array.of(1, 2, 250), 2);
      const bytes = slot.read(6, 0); trace(bytes instanceof ArrayBuffer, " ", new Uint8Array(bytes).join(), "\\n");`,
    lines: ["true 255,255,1,2,250,255"],
  },
  {
    title: "can handle a rejection in the turn in which it happens, or later in that turn",
    text: `Promise.reject(new Error("a")).catch(() => trace("caught\\n"));
      const late = Promise.reject(new Error("b")); Promise.resolve().then(() => late.catch(() => trace("late\\n")));
      (async () => { try { await Promise.reject(1); } catch { trace("awaited\\n"); } })();
      (async () => { await null; await null; throw 2; })().catch(() => trace("async\\n"));
      (async () => { try { await (async () => { await null; throw 3; })(); } catch { trace("nested\\n"); } })();
      Promise.reject(4).then(() => {}).then(() => {}).catch(() => trace("chain\\n"));
      Promise.all([Promise.reject(5), Promise.reject(6)]).catch(() => trace("all\\n"));
      Timer.set(() => trace("fine\\n"), 1);`,
    lines: ["caught", "late", "awaited", "async", "nested", "chain", "all", "fine"],
    anyOrder: true,
  },
];

/** Programs that end themselves, with the reset they cause. */
const CRASHES: readonly { readonly title: string; readonly text: string; readonly reset: RegExp }[] = [
  { title: "an exception in main", text: `null.x;`, reset: /^panic: unhandled exception: TypeError/ },
  {
    title: "an exception in a timer",
    text: `Timer.set(() => { throw new RangeError("out"); }, 1);`,
    reset: /^panic: unhandled exception: RangeError: out/,
  },
  { title: "a thrown value that is no error", text: `throw "words";`, reset: /^panic: unhandled exception: words/ },
  {
    title: "a rejected promise",
    text: `Promise.reject(new Error("nobody"));`,
    reset: /^panic: unhandled rejection: Error: nobody/,
  },
  {
    title: "an exception in an async function",
    text: `Timer.set(() => { (async () => { await null; throw new Error("lost"); })(); }, 1);`,
    reset: /^panic: unhandled rejection: Error: lost/,
  },
  {
    title: "a promise chain without an end",
    text: `Promise.reject(new Error("x")).then(() => {});`,
    reset: /^panic: unhandled rejection: Error: x/,
  },
  { title: "a syntax error", text: `let = ;`, reset: /^panic: unhandled exception: SyntaxError/ },
];

function suite(name: EngineName): void {
  let engine: Engine;
  const benches: Bench[] = [];
  before(async () => {
    engine = await engineByName(name);
  });
  afterEach(() => {
    for (const { board } of benches.splice(0)) board.powerCut();
  });

  async function run(text: string, setup: Partial<BoardSetup> = {}): Promise<Bench> {
    const bench = await programBoard(text, { engine, maxBoots: 1, ...setup });
    benches.push(bench);
    bench.run(1000);
    return bench;
  }

  for (const { title, text, lines, anyOrder } of PROGRAMS) {
    it(title, async () => {
      const bench = await run(text);
      assert.deepEqual(bench.resets, []);
      // Engines differ in how many jobs an await takes.
      if (anyOrder === true) assert.deepEqual([...bench.lines].sort(), [...lines].sort());
      else assert.deepEqual(bench.lines, lines);
    });
  }

  for (const { title, text, reset } of CRASHES) {
    it(`resets the board by a panic for ${title}`, async () => {
      const { resets } = await run(text);
      assert.equal(resets.length, 1);
      assert.match(resets[0] ?? "", reset);
    });
  }

  it("runs nothing after a power cut in the middle of a turn", async () => {
    const bench = await programBoard(
      `Timer.set(() => { Preference.set("a", "b", 1); trace("after\\n"); }, 10); Timer.set(() => trace("later\\n"), 20);`,
      { engine },
    );
    benches.push(bench);
    bench.run(305);
    bench.board.planCut({ step: bench.board.steps + 2, where: "after" });
    bench.run(1000);
    assert.equal(bench.board.state, "off");
    assert.deepEqual(bench.lines, []);
    assert.equal(bench.board.store.get("a", "b"), 1);
    bench.board.powerOn();
    bench.run(1000);
    assert.deepEqual(bench.lines, ["after", "later"]);
  });

  for (const how of ["powerCut", "pressReset"] as const) {
    it(`ends the program when an observer calls ${how} while the program runs`, async () => {
      const { board, lines, resets, run } = await programBoard(
        `trace("one\\n"); trace("two\\n"); Timer.set(() => trace("three\\n"), 1);`,
        {
          engine,
          onEvent: (event) => {
            if (event.type === "trace" && event.text === "one" && board.counters.boots === 1) board[how]();
          },
        },
      );
      run(1000);
      assert.deepEqual(lines, how === "powerCut" ? ["one"] : ["one", "one", "two", "three"]);
      assert.deepEqual(resets, []);
      board.powerCut();
    });
  }

  it("runs nothing after a restart that the program tries to catch", async () => {
    const { lines, resets } = await run(
      `try { native.fota_restart(); } catch { } finally { Promise.resolve().then(() => { try { trace("job\\n"); } catch {} }); }`,
    );
    assert.deepEqual([lines, resets], [[], ["software: "]]);
  });
}

describe("engines", () => {
  describe("on Node", () => {
    suite("node");

    it("ends a turn that does not end, when it watches", async () => {
      const engine = nodeEngine({ turnLimitMs: 50 });
      const { run, resets } = await programBoard(`Timer.set(() => { for (;;); }, 10);`, { engine, maxBoots: 1 });
      run(1000);
      assert.deepEqual(resets, ["task-watchdog: a turn did not end"]);
    });

    it("leaves rejections of the process itself alone", async () => {
      const bench = await programBoard("");
      const foreign = Promise.reject(new Error("not the guest's"));
      bench.run(1000);
      await assert.rejects(foreign);
      assert.deepEqual(bench.resets, []);
    });
  });

  describe(XS_TITLE, () => {
    before(needXs);
    suite("xs");

    it("ends a turn that does not end", async () => {
      const engine = await xsEngine({ turnLimit: 5_000_000 });
      const { run, resets } = await programBoard(`Timer.set(() => { for (;;); }, 10);`, { engine, maxBoots: 1 });
      run(1000);
      assert.deepEqual(resets, ["task-watchdog: a turn did not end"]);
    });

    for (const [code, message] of [
      [11, "memory full"],
      [12, "stack overflow"],
      [16, "not enough keys"],
      [99, "the engine ended with 99"],
    ] as const) {
      it(`resets by a panic when the engine ends with ${code}`, async () => {
        const folder = mkdtempSync(join(tmpdir(), "engine-"));
        try {
          const worker = join(folder, "worker");
          writeFileSync(worker, `#!/bin/sh\nexit ${code}\n`, { mode: 0o755 });
          const { run, resets } = await programBoard("", { engine: await xsEngine({ worker }), maxBoots: 1 });
          run(1000);
          assert.deepEqual(resets, [`panic: ${message}`]);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    }

    it("resets when the stack overflows", async () => {
      const engine = await xsEngine();
      const { run, resets } = await programBoard(`const deep = () => [deep()]; Timer.set(deep, 10);`, {
        engine,
        maxBoots: 1,
      });
      run(1000);
      assert.match(resets[0] ?? "", /^panic: (stack overflow|memory full)/);
    });

    it("tells how much memory the program uses", async () => {
      const { board, run } = await programBoard("", { engine: await xsEngine() });
      run(1000);
      assert.ok((board.heap?.slots ?? 0) > 1000);
      board.powerCut();
    });
  });
});
