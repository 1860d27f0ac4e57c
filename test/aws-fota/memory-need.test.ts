import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { LEAST_MEMORY, LEAST_SMALL_MEMORY, memoryShortage } from "../../modules/aws-fota/memory-need.js";
import type { MachineMemory } from "../../modules/foundation/machine-memory.js";
import { Bench, execution, FakeBoard, installedBoard } from "./agent-bench.js";

const MANIFEST = new URL("../../modules/aws-fota/manifest.json", import.meta.url);
const { creation: OURS }: { creation: MachineMemory } = JSON.parse(readFileSync(MANIFEST, "utf8"));

/** What the SDK 8.2.3 gives boards by itself, and programs without a word about it. */
const SDK = {
  "on most boards": {
    static: 0,
    chunk: { initial: 78848, incremental: 0 },
    heap: { initial: 4928, incremental: 0 },
    stack: 512,
  },
  "on an ESP32-C3": {
    static: 94208,
    chunk: { initial: 1536, incremental: 512 },
    heap: { initial: 512, incremental: 64 },
    stack: 384,
  },
  "in a simulator": {
    static: 0,
    chunk: { initial: 32768, incremental: 1024 },
    heap: { initial: 2048, incremental: 64 },
    stack: 384,
  },
} as const satisfies Record<string, MachineMemory>;

describe("the memory of the virtual machine", () => {
  const said = (memory: MachineMemory) => memoryShortage(memory)?.message;

  it("suffices as this library's manifest gives it, and with room for the application", () => {
    assert.equal(said(OURS), undefined);
    assert.ok(OURS.stack >= 1.25 * LEAST_MEMORY.stack);
    assert.ok(OURS.chunk.initial > LEAST_MEMORY.chunk && OURS.heap.initial > LEAST_MEMORY.heap);
  });

  it("is what docs/device.md prints", () => {
    const page = readFileSync(new URL("../../docs/device.md", import.meta.url), "utf8").replaceAll(",", "");
    const { stack, heap, chunk } = OURS;
    for (const row of [
      `| \`stack\` | ${stack} slots never grows | ${16 * stack} bytes |`,
      `| \`heap\` | ${heap.initial} slots grows by ${heap.incremental} | ${16 * heap.initial} bytes |`,
      `| \`chunk\` | ${chunk.initial} bytes grows by ${chunk.incremental} | ${chunk.initial} bytes |`,
    ])
      assert.ok(page.includes(row), row);
  });

  it("suffices as the SDK gives it to most boards", () => assert.equal(said(SDK["on most boards"]), undefined));

  it("is believed to suffice where nobody tells", () => assert.equal(memoryShortage(undefined), undefined));

  it("suffices at the measured least, fixed, in parts or in one block", () => {
    const { stack, heap, chunk } = LEAST_MEMORY;
    const fixed = { stack, heap: { initial: heap, incremental: 0 }, chunk: { initial: chunk, incremental: 0 } };
    assert.equal(said({ ...fixed, static: 0 }), undefined);
    const block = chunk + 16 * (heap + stack);
    assert.equal(said({ ...fixed, static: block }), undefined);
    assert.match(
      said({ ...fixed, static: block - 1 }) ?? "",
      new RegExp(`static ${block - 1}, 0 or at least ${block}$`),
    );
  });

  it("is not refused on an ESP32-C3 with the small profile and a stack of its own", () => {
    const { stack, heap, chunk } = LEAST_SMALL_MEMORY;
    assert.ok(chunk + 16 * (heap + stack) <= SDK["on an ESP32-C3"].static);
    assert.equal(memoryShortage({ ...SDK["on an ESP32-C3"], stack }, "small"), undefined);
    assert.match(memoryShortage(SDK["on an ESP32-C3"], "small")?.message ?? "", /stack 384, at least 480$/);
  });

  it("suffices when it begins smaller and grows", () => {
    assert.equal(said({ ...SDK["in a simulator"], stack: OURS.stack }), undefined);
  });

  for (const [where, memory, words] of [
    ["on an ESP32-C3", SDK["on an ESP32-C3"], [/stack 384, at least 480; static 94208, 0 or at least 121344$/]],
    ["in a simulator", SDK["in a simulator"], [/stack 384, at least 480$/]],
    [
      "where an application fixed everything too small",
      { ...OURS, stack: 300, heap: { initial: 100, incremental: 0 }, chunk: { initial: 200, incremental: 0 } },
      [/stack 300, .*heap.initial 100, .*chunk.initial 200, /],
    ],
  ] as const) {
    it(`is too little ${where}, which is said in one line with the place to set it`, () => {
      const text = said(memory) ?? "";
      assert.match(text, /^memory-short: "creation" in the application's manifest: /);
      for (const word of words) assert.match(text, word);
    });
  }
});

describe("an agent without the memory for an update", () => {
  const options = { memory: SDK["in a simulator"] };

  it("says so once at each start and asks for no job: one would end the virtual machine each time", () => {
    const bench = new Bench(new FakeBoard(), options).open();
    assert.deepEqual(bench.codes, ["memory-short"]);
    assert.equal(bench.traces.filter((line) => line.includes("memory-short")).length, 1);
    assert.equal(bench.jobs.opened, false);
  });

  it("does not stay when it comes over the air: the old firmware says why", () => {
    const board = installedBoard();
    const bench = new Bench(board, options).open();
    assert.deepEqual([bench.codes, board.log.includes("markInvalid")], [["memory-short"], true]);
    const old = new Bench(board).open().connect(execution({ status: "IN_PROGRESS", versionNumber: 3 }));
    assert.deepEqual([old.update.status, old.update.statusDetails?.code], ["FAILED", "memory-short"]);
    assert.equal(old.record.quarantined.length, 1);
  });
});
