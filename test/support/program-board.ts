import { type Board, type BoardEvent, type BoardSetup, createBoard, VirtualClock } from "../../host-sim/board/index.js";
import type { BoardSocket, NetworkBackend, SocketEvents, SocketRequest } from "../../host-sim/board/network-backend.js";
import { imageOf } from "../../host-sim/image/index.js";

/** Native functions that programs in tests bind. */
const FFI = [
  "fota_begin",
  "fota_set_boot",
  "fota_mark_valid",
  "fota_mark_invalid_and_restart",
  "fota_restart",
  "fota_state",
  "fota_label",
  "fota_reset_reason",
  "fota_version",
];

/** What every program in a test finds in scope. */
const PRELUDE = `"use strict";
const Timer = require("timer").default;
const Preference = require("preference").default;
const flash = require("embedded:storage/flash").default;
const native = new (require("mc/ffi").default)();
`;

/** An image whose program is `text`: plain JavaScript of the device. */
export function programImage(text: string, version = "1.0.0"): Uint8Array {
  return imageOf({ program: PRELUDE + text, resources: {}, config: { colour: "blue" }, ffi: FFI }, { version });
}

/** A network on which nothing happens unless the test makes it happen. */
export class QuietNetwork implements NetworkBackend {
  readonly connections: { request: SocketRequest; events: SocketEvents; log: string[] }[] = [];
  readonly lookups: { host: string; onDone: (address: string | undefined) => void; cancelled: boolean }[] = [];

  connect(request: SocketRequest, events: SocketEvents): BoardSocket {
    const log: string[] = [];
    this.connections.push({ request, events, log });
    return {
      write: (bytes) => {
        log.push(`write ${Buffer.from(bytes).toString("latin1")}`);
        return 100 - bytes.length;
      },
      peek: () => Uint8Array.of(1, 2, 3),
      consume: (count) => void log.push(`consume ${count}`),
      close: () => void log.push("close"),
      destroy: () => void log.push("destroy"),
    };
  }

  readonly nameServers: readonly string[] = ["192.0.2.53"];

  resolve(host: string, _server: string, onDone: (address: string | undefined) => void): () => void {
    const lookup = { host, onDone, cancelled: false };
    this.lookups.push(lookup);
    return () => {
      lookup.cancelled = true;
    };
  }
}

export interface Bench {
  readonly board: Board;
  readonly clock: VirtualClock;
  readonly network: QuietNetwork;
  readonly events: BoardEvent[];
  /** Lines the program traced. */
  readonly lines: string[];
  /** Reset reasons with messages, in order. */
  readonly resets: string[];
  run(ms: number): void;
}

/** A board on a virtual clock with `text` in its first slot; it is on, and nothing has run yet. */
export async function programBoard(text: string, setup: Partial<BoardSetup> = {}): Promise<Bench> {
  const clock = new VirtualClock();
  const network = new QuietNetwork();
  const events: BoardEvent[] = [];
  const lines: string[] = [];
  const resets: string[] = [];
  const board = await createBoard({
    image: programImage(text),
    clock,
    network,
    flashTiming: false,
    ...setup,
    onEvent: (event) => {
      events.push(event);
      if (event.type === "trace") lines.push(event.text);
      if (event.type === "reset") resets.push(`${event.reason}: ${(event.message ?? "").split("\n")[0]}`);
      setup.onEvent?.(event);
    },
  });
  board.powerOn();
  return { board, clock, network, events, lines, resets, run: (ms) => clock.advance(ms) };
}
