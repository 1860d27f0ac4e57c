import assert from "node:assert/strict";
import {
  Esp32,
  encodeOtaEntry,
  type FlashDevice,
  FlashMemory,
  MemoryStore,
  makeOtaEntry,
  OTA_WITH_SEQUENTIAL_WRITES,
  tearErase,
  tearWrite,
} from "../../modules/esp32-sim/index.js";
import { chipWith, entryText, imageOf, OTADATA_OFFSET } from "./support/chip.js";
import { NodeDigest } from "./support/node-digest.js";

class PowerCut extends Error {}

type Cut = { step: number; moment: "before" | "torn" | "after"; bytes: number; random: () => number };

/** Loses power at one flash effect: before it, inside it, or after it. */
class CuttingFlash implements FlashDevice {
  #memory: FlashMemory;
  #cut: Cut | undefined;
  steps = 0;

  constructor(memory: FlashMemory, cut?: Cut) {
    this.#memory = memory;
    this.#cut = cut;
  }

  get size(): number {
    return this.#memory.size;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#memory.read(offset, length);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#effect(
      () => this.#memory.write(offset, bytes),
      (cut) => tearWrite(this.#memory, offset, bytes, cut.bytes, cut.random),
    );
  }

  erase(offset: number, length: number): void {
    this.#effect(
      () => this.#memory.erase(offset, length),
      (cut) => tearErase(this.#memory, offset, length, cut.bytes, cut.random),
    );
  }

  #effect(whole: () => void, torn: (cut: Cut) => void): void {
    this.steps += 1;
    const cut = this.#cut;
    if (cut?.step !== this.steps) {
      whole();
      return;
    }
    if (cut.moment === "torn") torn(cut);
    if (cut.moment === "after") whole();
    throw new PowerCut();
  }
}

const OLD = "ota_0";
const NEW = "ota_1";
const IMAGE = imageOf("1.0.2");

/** A seeded sequence in [0, 1). */
function sequence(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function store(entries: readonly [string, string]): Uint8Array {
  return chipWith({ images: { ota_0: imageOf("1.0.1") }, entries }).store.bytes;
}

/** Boots, runs `action` with power lost at `cut`, and gives what runs after the next reset. */
function afterCut(bytes: Uint8Array, action: (esp32: Esp32) => void, cut: Cut | undefined, bootFirst = true) {
  const memory = new FlashMemory(new MemoryStore(bytes));
  const flash = new CuttingFlash(memory, cut);
  const esp32 = new Esp32({ flash, Digest: NodeDigest });
  let completed = false;
  try {
    if (bootFirst) esp32.boot();
    action(esp32);
    completed = true;
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  const next = new Esp32({ flash: memory, Digest: NodeDigest });
  const result = next.boot();
  return { runs: result.outcome === "app" ? result.label : "none", completed, steps: flash.steps, chip: next };
}

function entriesOf(esp32: Esp32): [string, string] {
  const [first, second] = esp32.otadata();
  return [entryText(first), entryText(second)];
}

function update(esp32: Esp32): void {
  const slot = esp32.findPartition("nextota");
  const { ota } = esp32;
  const { handle } = ota.begin(slot, OTA_WITH_SEQUENTIAL_WRITES);
  assert.equal(ota.write(handle, IMAGE), 0);
  assert.equal(ota.end(handle), 0);
  assert.equal(ota.setBootPartition(slot), 0);
}

const installed = (): Uint8Array => {
  const memory = new FlashMemory(new MemoryStore(store(["1 VALID", "blank"])));
  const esp32 = new Esp32({ flash: memory, Digest: NodeDigest });
  esp32.boot();
  update(esp32);
  return memory.read(0, memory.size).slice();
};

const testing = (): Uint8Array => {
  const memory = new FlashMemory(new MemoryStore(installed()));
  new Esp32({ flash: memory, Digest: NodeDigest }).boot();
  return memory.read(0, memory.size).slice();
};

const cuts = function* (steps: number, seed = 7): Generator<Cut> {
  for (let step = 1; step <= steps; step += 1) {
    for (const moment of ["before", "after"] as const) yield { step, moment, bytes: 0, random: sequence(seed) };
    for (const bytes of [0, 1, 4, 27, 28, 31]) yield { step, moment: "torn", bytes, random: sequence(seed * bytes) };
  }
};

describe("power cut in an update", () => {
  it("boots the old image at every step but the last, and the new one after it", () => {
    const bytes = store(["1 VALID", "blank"]);
    const { steps, runs } = afterCut(bytes.slice(), update, undefined);
    assert.equal(runs, NEW);
    for (const cut of cuts(steps)) {
      const end = afterCut(bytes.slice(), update, cut);
      const wanted = cut.step === steps && cut.moment === "after" ? NEW : OLD;
      // A write torn in its last byte may happen to be complete.
      const mayBeNew = cut.step === steps && cut.moment === "torn" && cut.bytes === 31;
      assert.ok(end.runs === wanted || (mayBeNew && end.runs === NEW), `${cut.moment} step ${cut.step}+${cut.bytes}`);
    }
  });

  it("leaves the update selected when power goes between boot flag and restart", () => {
    const end = afterCut(installed(), () => {}, undefined, false);
    assert.equal(end.runs, NEW);
    assert.deepEqual(entriesOf(end.chip), ["1 VALID", "2 PENDING"]);
  });

  it("leaves no trace of the attempt when NEW was erased and PENDING not written", () => {
    const bytes = installed();
    const end = afterCut(
      bytes,
      (esp32) => esp32.boot(),
      { step: 2, moment: "before", bytes: 0, random: sequence(1) },
      false,
    );
    assert.equal(end.runs, OLD);
    assert.deepEqual(entriesOf(end.chip), ["1 VALID", "blank"]);
  });

  it("looks like a crash when power goes before mark valid", () => {
    const end = afterCut(testing(), () => {}, undefined, false);
    assert.equal(end.runs, OLD);
    assert.deepEqual(entriesOf(end.chip), ["1 VALID", "2 ABORTED"]);
  });

  for (const call of ["markValid", "markInvalidRollback"] as const) {
    it(`boots the old image when ${call} is cut between erase and write`, () => {
      const bytes = installed();
      // The boot itself takes two effects: NEW to PENDING.
      const cut: Cut = { step: 4, moment: "before", bytes: 0, random: sequence(1) };
      const end = afterCut(bytes, (esp32) => void esp32.ota[call](), cut);
      assert.equal(end.runs, OLD);
      assert.deepEqual(entriesOf(end.chip), ["1 VALID", "blank"]);
    });
  }

  it("boots the old image when PENDING to ABORTED is cut between erase and write", () => {
    const end = afterCut(
      testing(),
      (esp32) => esp32.boot(),
      { step: 2, moment: "before", bytes: 0, random: sequence(1) },
      false,
    );
    assert.equal(end.runs, OLD);
    assert.deepEqual(entriesOf(end.chip), ["1 VALID", "blank"]);
  });

  it("never repairs a first record cut in its write, until the next set boot", () => {
    const cut: Cut = { step: 2, moment: "torn", bytes: 30, random: () => 0.999 };
    const end = afterCut(store(["blank", "blank"]), () => {}, cut);
    assert.equal(end.runs, OLD);
    assert.equal(entriesOf(end.chip)[0].startsWith("1 VALID bad"), true);
    assert.equal(end.chip.boot().outcome, "app");
    assert.equal(entriesOf(end.chip)[0].startsWith("1 VALID bad"), true);
    assert.equal(end.chip.ota.markValid(), -1);
    update(end.chip);
    assert.deepEqual(entriesOf(end.chip), ["2 NEW", "blank"]);
  });

  it("starts a rejected image again when a torn erase changed its state alone", () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.1"), ota_1: IMAGE }, entries: ["1 VALID", "blank"] });
    chip.memory.load(OTADATA_OFFSET + 0x1000, encodeOtaEntry(makeOtaEntry(2, 4 | 3)));
    const result = chip.esp32.boot();
    assert.equal(result.outcome === "app" && result.label, NEW);
    assert.deepEqual(chip.entries(), ["1 VALID", "2 7"]);
  });

  it("goes back to the other slot when the only entry is being rewritten", () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.1"), ota_1: IMAGE }, entries: ["blank", "2 VALID"] });
    const cut: Cut = { step: 2, moment: "before", bytes: 0, random: sequence(1) };
    const end = afterCut(chip.store.bytes, (esp32) => void esp32.ota.setBootPartition(esp32.running), cut);
    assert.equal(end.runs, OLD);
    assert.deepEqual(entriesOf(end.chip), ["1 VALID", "blank"]);
  });

  it("boots something valid whatever single effect of a retry after a rollback is torn", () => {
    const chip = chipWith({
      images: { ota_0: imageOf("1.0.1"), ota_1: imageOf("1.0.3") },
      entries: ["3 ABORTED", "2 VALID"],
    });
    const bytes = chip.store.bytes;
    const { steps } = afterCut(bytes.slice(), update, undefined);
    for (const cut of cuts(steps, 11)) {
      const end = afterCut(bytes.slice(), update, cut);
      assert.notEqual(end.runs, "none", `${cut.moment} step ${cut.step}+${cut.bytes}`);
    }
  });
});

describe("typical life of two slots", () => {
  it("shows the known records after each event", () => {
    const chip = chipWith({ images: { ota_0: imageOf("1.0.1") } });
    const { esp32 } = chip;
    const seen: string[] = [];
    const note = (event: string) => seen.push(`${event}: ${chip.entries().join(" / ")} ${esp32.running?.label}`);
    esp32.boot();
    note("first boot");
    update(esp32);
    note("update");
    esp32.boot();
    note("restart");
    esp32.ota.markValid();
    note("mark valid");
    const { handle } = esp32.ota.begin(esp32.findPartition("nextota"), OTA_WITH_SEQUENTIAL_WRITES);
    note("begin");
    esp32.ota.abort(handle);
    update(esp32);
    note("set boot");
    esp32.boot();
    note("restart");
    esp32.boot();
    note("crash");
    update(esp32);
    note("retry");
    assert.deepEqual(seen, [
      "first boot: 1 VALID / blank ota_0",
      "update: 1 VALID / 2 NEW ota_0",
      "restart: 1 VALID / 2 PENDING ota_1",
      "mark valid: 1 VALID / 2 VALID ota_1",
      "begin: blank / 2 VALID ota_1",
      "set boot: 3 NEW / 2 VALID ota_1",
      "restart: 3 PENDING / 2 VALID ota_0",
      "crash: 3 ABORTED / 2 VALID ota_1",
      "retry: 3 NEW / 2 VALID ota_1",
    ]);
  });
});
