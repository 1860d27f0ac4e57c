import type { Step } from "../../host-sim/board/index.js";
import type { SentSegment } from "../../host-sim/board/network/index.js";
import type { VirtualClock } from "../../host-sim/board/virtual-clock.js";
import { type FlashCommand, FlashModel, type LinkModel } from "./models.js";
import { TimeLine } from "./time-line.js";

const HTTPS = ":443";
/** Slots begin there; what lies below belongs to otadata. */
const FIRST_SLOT = 0x2_0000;

/** What a board's steps and lines say of one update. The flash's time passes here. */
export class UpdateMeter {
  readonly #clock: VirtualClock;
  readonly #model: LinkModel | undefined;
  readonly #flash = new FlashModel();
  readonly timeLine: TimeLine;
  /** Of the download: its first connection, and the end of the last write into the slot. */
  began: number | undefined;
  ended = 0;
  /** Connections to the object store, and commands to the slot. */
  connections = 0;
  erases = 0;
  writes = 0;
  /** Bytes in the slot, those that were written twice included. */
  inSlot = 0;
  /** Bytes of HTTPS on the wire, both ways, TLS records included. */
  wireBytes = 0;
  /** The longest time in which the flash kept the processor within one turn, milliseconds. */
  longestSliceMs = 0;
  #slice = { turn: -1, ms: 0 };

  constructor(clock: VirtualClock, model: LinkModel | undefined) {
    this.#clock = clock;
    this.#model = model;
    this.timeLine = new TimeLine(model?.bytesPerSecond ?? Number.POSITIVE_INFINITY);
  }

  /** `turn`: a number that every turn of the program has for itself. */
  step(step: Step, turn: number): void {
    const from = this.#clock.exact;
    const command = this.#model === undefined ? undefined : this.#flash.take(step, this.#clock);
    if (step.kind === "net-open" && `${step.detail} `.includes(`${HTTPS} `)) {
      this.began ??= from;
      this.connections += 1;
      this.timeLine.opens(from);
    }
    if (command !== undefined) this.#command(command, from, turn);
  }

  sent(segment: SentSegment): void {
    if (!segment.endpoint.endsWith(HTTPS)) return;
    this.wireBytes += segment.length;
    this.timeLine.sent(segment, this.#clock.exact);
  }

  #command(command: FlashCommand, from: number, turn: number): void {
    this.timeLine.flash(command, from);
    this.#slice = { turn, ms: (this.#slice.turn === turn ? this.#slice.ms : 0) + command.ms };
    if (this.began === undefined || command.address < FIRST_SLOT) return;
    this.longestSliceMs = Math.max(this.longestSliceMs, this.#slice.ms);
    if (command.kind === "erase") this.erases += 1;
    if (command.kind !== "write") return;
    this.writes += 1;
    this.inSlot += command.length;
    this.ended = this.#clock.exact;
  }
}
