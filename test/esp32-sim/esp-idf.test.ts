import assert from "node:assert/strict";
import { seededRandom } from "../../host-sim/board/random.js";
import {
  buildDescriptor,
  buildImage,
  encodeOtaEntry,
  type FlashMemory,
  makeOtaEntry,
  OTA_WITH_SEQUENTIAL_WRITES,
  type Partition,
} from "../../modules/esp32-sim/index.js";
import { EspIdfProgram, espIdfSources } from "./esp-idf/esp-idf-programs.js";
import { type Chip, chipWith, imageOf, OTADATA_OFFSET } from "./support/chip.js";
import { NodeDigest } from "./support/node-digest.js";

/** Flash states and, for each, calls. More by `ESP_IDF_CASES=20000`. */
const CASES = Number(process.env.ESP_IDF_CASES ?? 400);
const SLOTS = Object.freeze({ ota_0: 0x10000, ota_1: 0x20000 });
type Slot = keyof typeof SLOTS;
const ENTRY = 32;
const SECTOR = 0x1000;
/** An assertion ends every try: more of them change nothing. */
const TRIES = 3;

const descriptor = buildDescriptor({ version: "1.0.2", project: "chip-test" });
const MAPPED = Object.freeze({ address: 0x3f400020, data: descriptor });
const withSegment = (address: number, length = 256) =>
  buildImage({
    segments: [MAPPED, { address, data: new Uint8Array(length) }],
    Digest: NodeDigest,
    ignoreMapping: true,
  });

const GOOD = imageOf("1.0.2");
const changed = (at: number, mask: number) => GOOD.map((byte, index) => (index === at ? byte ^ mask : byte));
/** What may lie in a slot. Good images come more often, so that otadata decides. */
const IMAGES: readonly Uint8Array[] = Object.freeze([
  ...Array.from({ length: 8 }, () => GOOD),
  new Uint8Array(0),
  new Uint8Array(512),
  ...[0, 1, 12, 15, 23, 24, 28, 60, 100, GOOD.length - 40, GOOD.length - 1].map((at) => changed(at, 1)),
  GOOD.subarray(0, GOOD.length - 16),
  buildImage({ segments: [], Digest: NodeDigest }),
  buildImage({ segments: [{ address: 0, data: new Uint8Array(4) }], Digest: NodeDigest }),
  buildImage({ segments: [{ address: 0, data: new Uint8Array(0) }], Digest: NodeDigest }),
  buildImage({ segments: [MAPPED], Digest: NodeDigest, appendDigest: false }),
  buildImage({ segments: [MAPPED], Digest: NodeDigest, minRevision: 302 }),
  buildImage({ segments: [MAPPED], Digest: NodeDigest, maxRevision: 300 }),
  buildImage({ segments: [MAPPED], Digest: NodeDigest, chipId: 9 }),
  ...[0x400d0000, 0x3ffb0000, 0x3ffdbe00, 0x3ffdbe20, 0x3ffdbf20, 0x3ffe3f1c, 0x3ffe3f20, 0x3ffe8000, 0x3ffeff00].map(
    (address) => withSegment(address),
  ),
  ...[0x3fff0000, 0x3fff5f00, 0x3fff5ffc, 0x3fff6000, 0x3fffff00, 0x40080000, 0x4009ff80, 0x400a9f00, 0x400a9f04].map(
    (address) => withSegment(address),
  ),
  ...[0x400c0000, 0x400c1f80, 0x3ff80000, 0x50000000, 0x50001f00, 0x50001f04, 0x0fffff00, 0x10000000, 0x60000000].map(
    (address) => withSegment(address),
  ),
  ...[0x7ffffeff, 0x7fffff00, 0x7ffffffc, 0x80000000, 0xfffffe00, 0xffffff80].map((address) => withSegment(address)),
  withSegment(0x3ffe8000, 0),
]);

type Random = () => number;
const oneOf = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] ?? assert.fail();

const SEQUENCES = [0, 1, 1, 2, 2, 3, 4, 5, 0xfffffffe, 0xffffffff];
const STATES = [0, 0, 1, 1, 2, 2, 3, 4, 5, 7, 0xffffffff];

function entry(random: Random): Uint8Array {
  if (random() < 0.25) return new Uint8Array(ENTRY).fill(0xff);
  const bytes = encodeOtaEntry(makeOtaEntry(oneOf(random, SEQUENCES), oneOf(random, STATES)));
  if (random() < 0.15) bytes[28] = (bytes[28] ?? 0) ^ 1;
  return random() < 0.05 ? bytes.subarray(0, Math.floor(random() * ENTRY)) : bytes;
}

type State = { readonly images: Readonly<Record<Slot, Uint8Array>>; readonly entries: readonly Uint8Array[] };

const stateFrom = (random: Random): State => ({
  images: { ota_0: oneOf(random, IMAGES), ota_1: oneOf(random, IMAGES) },
  entries: [entry(random), entry(random)],
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The lines that put a state into the flash of ESP-IDF's programs. */
function put({ images, entries }: State): string[] {
  const parts: [number, Uint8Array][] = [
    [SLOTS.ota_0, images.ota_0],
    [SLOTS.ota_1, images.ota_1],
    ...entries.map((bytes, index): [number, Uint8Array] => [OTADATA_OFFSET + index * SECTOR, bytes]),
  ];
  return ["blank", ...parts.filter(([, bytes]) => bytes.length > 0).map(([at, bytes]) => `put ${at} ${hex(bytes)}`)];
}

/** The same into a simulated one, where it replaces whatever is there. */
function load(memory: FlashMemory, { images, entries }: State): void {
  memory.load(SLOTS.ota_0, new Uint8Array(0x20000).fill(0xff));
  memory.load(OTADATA_OFFSET, new Uint8Array(2 * SECTOR).fill(0xff));
  for (const slot of ["ota_0", "ota_1"] as const) memory.load(SLOTS[slot], images[slot]);
  for (const [index, bytes] of entries.entries()) memory.load(OTADATA_OFFSET + index * SECTOR, bytes);
}

const otadataOf = (memory: FlashMemory): string =>
  [0, 1].map((index) => hex(memory.read(OTADATA_OFFSET + index * SECTOR, ENTRY))).join("");

describe("the simulated chip beside ESP-IDF's own code (needs IDF_PATH with the sources of v6.0, and cc)", function () {
  this.timeout(300_000);
  const root = espIdfSources();
  before(function () {
    if (root === undefined) this.skip();
  });

  for (const rollback of [true, false]) {
    for (const skipValidate of [false, true]) {
      const settings = `rollback ${rollback ? "on" : "off"}${skipValidate ? ", SKIP_VALIDATE_ALWAYS" : ""}`;
      it(`boots the same slot and leaves the same otadata, ${settings}`, () => {
        const program = new EspIdfProgram("boot", root ?? "", { rollback, skipValidate });
        const random = seededRandom(rollback ? 11 : 12);
        const states = Array.from({ length: CASES }, () => stateFrom(random));
        const lines = program.run(
          states.flatMap((state) => [
            ...put(state),
            ...Array.from({ length: TRIES }, () => ["boot", "otadata"]).flat(),
          ]),
        );
        program.remove();
        states.forEach((state, index) => {
          const tries = lines.slice(index * 2 * TRIES, (index + 1) * 2 * TRIES);
          let at = 0;
          while (at < tries.length - 2 && tries[at] === "assertion") at += 2;
          const chip = chipWith({ rollback, skipValidate });
          load(chip.memory, state);
          const result = chip.esp32.boot();
          const ends = { "no-bootable-image": "nothing", assertion: "assertion" } as const;
          const told =
            result.outcome === "app" ? `0x${result.offset.toString(16)}` : ends[result.reason as keyof typeof ends];
          const slots = Object.values(state.images).map((bytes) => `image ${IMAGES.indexOf(bytes)}`);
          const context = `case ${index}: ${[...slots, ...state.entries.map(hex)].join(", ")}\n${result.steps.join("\n")}`;
          assert.deepEqual([told, otadataOf(chip.memory)], [tries[at], tries[at + 1]], context);
        });
      });
    }

    it(`answers the calls of an application the same, rollback ${rollback ? "on" : "off"}`, () => {
      const program = new EspIdfProgram("app", root ?? "", { rollback });
      const random = seededRandom(rollback ? 21 : 22);
      const cases = Array.from({ length: CASES }, () => ({
        state: stateFrom(random),
        runs: oneOf(random, ["ota_0", "ota_1"] as const),
        calls: callsFrom(random),
      }));
      const lines = program.run(
        cases.flatMap(({ state, runs, calls }) => [
          ...put(state),
          `runs ${runs}`,
          ...calls.flatMap((call) => [`call ${call.join(" ")}`, "otadata"]),
          "call abort none 0 0",
        ]),
      );
      program.remove();
      let at = 0;
      for (const { state, runs, calls } of cases) {
        const chip = chipThatRuns(runs, state, rollback);
        const caller = new Caller(chip);
        for (const call of calls) {
          const told = [caller.call(call), otadataOf(chip.memory)];
          const context = `${call.join(" ")} while ${runs} runs, ${state.entries.map(hex).join(" ")}`;
          assert.deepEqual(told, [lines[at], lines[at + 1]], context);
          at += 2;
        }
        at += 1;
      }
    });
  }
});

type Call = readonly [name: string, slot: string, x: number, y: number];

const PLACES = ["ota_0", "ota_1", "ota_0", "ota_1", "nvs", "otadata", "none"];
const SIZES = [0, OTA_WITH_SEQUENTIAL_WRITES, OTA_WITH_SEQUENTIAL_WRITES, 0xffffffff, 1, 0x3000, 0x10000, 0x10001];
const LENGTHS = [0, 1, 16, 0xfff, 0x1000, 0x1001, 0x10000, 0x10001];
const OFFSETS = [0, 1, 0x1000, 0x1001, 0xf000, 0x10000, 0x10001];
const ALONE = [
  ...["set-boot", "set-boot", "mark-valid", "mark-invalid", "possible", "invalidate", "erase-last", "boot", "next"],
  ...["last-invalid", "state", "erase", "write", "write-at", "end", "abort", "begin", "resume"],
];

/** First something that makes a handle, so that the one before is not in the way. */
function callsFrom(random: Random): Call[] {
  const call = (name: string): Call => {
    const slot = oneOf(random, PLACES);
    switch (name) {
      case "begin":
        return [name, slot, oneOf(random, SIZES), 0];
      case "resume":
        return [name, slot, oneOf(random, SIZES), oneOf(random, OFFSETS)];
      case "write":
        return [name, slot, random() < 0.8 ? 1 : 0, oneOf(random, LENGTHS)];
      case "write-at":
        return [name, slot, random() < 0.8 ? 1 : 0, oneOf(random, OFFSETS)];
      case "erase":
        return [name, oneOf(random, ["ota_0", "ota_1", "nvs"]), oneOf(random, OFFSETS), oneOf(random, LENGTHS)];
      default:
        return [name, slot, 0, 0];
    }
  };
  const more = Array.from({ length: 1 + Math.floor(random() * 5) }, () => call(oneOf(random, ALONE)));
  return [call(random() < 0.7 ? "begin" : "resume"), ...more];
}

function chipThatRuns(runs: Slot, state: State, rollback: boolean): Chip {
  const entries: [string, string] = runs === "ota_0" ? ["1 VALID", "blank"] : ["blank", "2 VALID"];
  const chip = chipWith({ rollback, images: { ota_0: GOOD, ota_1: GOOD }, entries });
  chip.esp32.boot();
  assert.equal(chip.esp32.running?.label, runs);
  load(chip.memory, state);
  return chip;
}

/** The same calls on the simulated chip, and their results as ESP-IDF's program prints them. */
class Caller {
  readonly #chip: Chip;
  #handle = 0;

  constructor(chip: Chip) {
    this.#chip = chip;
  }

  call(call: Call): string {
    try {
      return String(this.#result(call));
    } catch (error) {
      // What ESP-IDF asserts.
      if (error instanceof RangeError) return "ends 1";
      throw error;
    }
  }

  #result([name, label, x, y]: Call): number {
    const { esp32 } = this.#chip;
    const { ota } = esp32;
    const slot = esp32.partitions.find((partition) => partition.label === label);
    const place = (partition: Partition | undefined) => partition?.offset ?? -1;
    switch (name) {
      case "begin":
        return this.#opened(ota.begin(slot, x));
      case "resume":
        return this.#opened(ota.resume(slot, x, y));
      case "write":
        return ota.write(x === 1 ? this.#handle : 999, imageBytes(y));
      case "write-at":
        return ota.writeWithOffset(x === 1 ? this.#handle : 999, imageBytes(4), y);
      case "end":
        return ota.end(this.#handle);
      case "abort":
        return ota.abort(this.#handle);
      case "erase":
        return slot === undefined ? assert.fail() : esp32.erasePartition(slot, x, y);
      case "set-boot":
        return ota.setBootPartition(slot);
      case "mark-valid":
        return ota.markValid();
      case "mark-invalid":
        return ota.markInvalidRollback();
      case "possible":
        return ota.rollbackIsPossible() ? 1 : 0;
      case "invalidate":
        return ota.invalidateInactiveOtaDataSlot();
      case "erase-last":
        return ota.eraseLastBootAppPartition();
      case "boot":
        return place(ota.bootPartition());
      case "next":
        return place(ota.nextUpdatePartition());
      case "last-invalid":
        return place(ota.lastInvalidPartition());
      case "state": {
        const { error, state } = ota.statePartition(slot);
        return error !== 0 ? -error : state + 1;
      }
      default:
        return assert.fail(name);
    }
  }

  #opened({ error, handle }: { readonly error: number; readonly handle: number }): number {
    if (handle !== 0) this.#handle = handle;
    return error;
  }
}

/** An image's first byte and nothing behind it. */
function imageBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (length > 0) bytes[0] = 0xe9;
  return bytes;
}
