import { fileURLToPath } from "node:url";
import type { PeerConnection } from "../../host-sim/board/network/index.js";
import { type Engine, type GuestMachine, xsEngine } from "../../host-sim/engines/index.js";
import { compileFirmware, imageOf } from "../../host-sim/image/index.js";
import { VirtualWorld } from "../../host-sim/world/virtual-world.js";

/** What the engine had to do for a whole transfer, the simulated SDK below it included. */
export interface XsCost {
  /** Units of metering: about one for each bytecode, more for what allocates. */
  readonly computed: number;
  /** Slots that were taken. On the ESP32 one has 16 bytes. */
  readonly slots: number;
  /** Garbage collections: turns after which fewer slots were in use. */
  readonly collections: number;
  readonly turns: number;
}

const WAYS = Object.freeze({
  ours: source("our-download.ts"),
  plain: source("plain-download.ts"),
  turns: source("empty-turns.ts"),
});
export type Way = keyof typeof WAYS;

const HOST = "files.example.test";
const PORT = 80;
const LIMIT_MS = 600_000;
const KIB = 1024;

function source(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

/**
 * What each KiB of a transfer costs, without the turns of timers: those are JavaScript in the simulated SDK alone.
 * Needs XS.
 */
export async function costOfEachKib(
  way: Exclude<Way, "turns">,
  size: number,
): Promise<XsCost & { readonly perKib: Pick<XsCost, "computed" | "slots"> }> {
  const turns = 200;
  const [empty, cost] = [await measureCost("turns", turns), await measureCost(way, size)];
  const timers = cost.timerTurns / empty.turns;
  return {
    ...cost,
    perKib: {
      computed: (cost.computed - timers * empty.computed) / (size / KIB),
      slots: (cost.slots - timers * empty.slots) / (size / KIB),
    },
  };
}

/** Of a file of `size` bytes, from the request to the last byte in flash; or of so many turns. */
async function measureCost(way: Way, size: number): Promise<XsCost & { readonly timerTurns: number }> {
  const firmware = await compileFirmware({ entry: WAYS[way] });
  const image = imageOf(firmware, { version: "1.0.1" });
  const meter = new Meter();
  const state = { loaded: false, failure: "" };
  const world = await VirtualWorld.create({
    image,
    link: { latencyMs: 25, bytesPerSecond: 1_000_000 },
    config: { url: `http://${HOST}/file`, size, turns: size },
    board: {
      engine: meter.over(await xsEngine()),
      onEvent: (event) => {
        if (event.type !== "trace") return;
        if (event.text === "loading") meter.isOn = true;
        if (event.text === "loaded") state.loaded = true;
        if (event.text.startsWith("failed")) state.failure = event.text;
      },
    },
  });
  try {
    if (way !== "turns") {
      const file = imageOf(firmware, { version: "1.0.2", size, seed: 2 });
      world.cloud.network.listen(HOST, PORT, (connection) => serve(connection, file));
    }
    world.board.powerOn();
    world.runUntil(() => state.loaded || state.failure !== "", LIMIT_MS);
    if (!state.loaded) throw new Error(`the ${way} download did not end: ${state.failure}\n${world.trace.join("\n")}`);
    return meter.sum;
  } finally {
    world.close();
  }
}

function serve(connection: PeerConnection, file: Uint8Array): void {
  connection.onData = (bytes) => {
    const isRange = Buffer.from(bytes).toString("latin1").toLowerCase().includes("\r\nrange:");
    const status = isRange ? "206 Partial Content" : "200 OK";
    const range = isRange ? `content-range: bytes 0-${file.length - 1}/${file.length}\r\n` : "";
    connection.write(Buffer.from(`HTTP/1.1 ${status}\r\ncontent-length: ${file.length}\r\n${range}etag: "1"\r\n\r\n`));
    connection.write(file);
  };
}

/** Adds up what an engine tells after each turn. */
class Meter {
  isOn = false;
  readonly sum = { computed: 0, slots: 0, collections: 0, turns: 0, timerTurns: 0 };
  #slots: number | undefined;

  over(engine: Engine): Engine {
    return {
      name: engine.name,
      load: (program, host) => {
        const machine = engine.load(program, host);
        return {
          start: () => machine.start(),
          kill: () => machine.kill(),
          heap: () => machine.heap(),
          dispatch: (event, id, args) => {
            machine.dispatch(event, id, args);
            this.#add(machine, event);
          },
        };
      },
    };
  }

  #add(machine: GuestMachine, event: string): void {
    const heap = machine.heap();
    if (heap === undefined) return;
    const before = this.#slots ?? heap.slots;
    this.#slots = heap.slots;
    if (!this.isOn) return;
    this.sum.turns += 1;
    if (event === "timer") this.sum.timerTurns += 1;
    this.sum.computed += heap.computed;
    if (heap.slots < before) this.sum.collections += 1;
    else this.sum.slots += heap.slots - before;
  }
}
