import type { BoardFeed, ShownBoard, ShownPartition } from "fota-operator/dashboard";
import { BLOCK_SIZE, isOtaSlot, type Partition } from "../../modules/esp32-sim/index.js";
import type { Board, BoardEvent, Step } from "../board/index.js";
import { boardLines } from "./board-log.js";
import { entryText, slotContents } from "./flash-map.js";

/** Between two pictures of a board. */
const PICTURE_MS = 100;
/** So long a block is shown as being erased or written. */
const BUSY_MS = 400;
const MAX_LOG_LINES = 200;
const COMMAND = /^(erase|write) 0x([0-9a-f]+)\+(\d+)$/;

type Touch = {
  readonly kind: "x" | "w";
  readonly at: number;
  /** It was in a picture. */
  readonly shown: boolean;
  /** It was written since, before anybody saw that it was erased. */
  readonly written: boolean;
};

/**
 * Watches a simulated board for the page: the flash as its chip holds it, and what the chip was told last. A picture is
 * made ten times a second at the most, and only when something happened.
 */
export class BoardWatch implements BoardFeed {
  readonly #thing: string;
  readonly #board: () => Board | undefined;
  readonly #listeners = new Set<(board: ShownBoard) => void>();
  readonly #touched = new Map<number, Touch>();
  readonly #log: string[] = [];
  /** Blocks of each slot as they were found, and what stands in it. */
  readonly #blocks = new Map<string, string[]>();
  readonly #contents = new Map<string, string>();
  #version = "";
  #timer: NodeJS.Timeout | undefined;

  /** @param thing the name that AWS knows the board by */
  constructor(thing: string, board: () => Board | undefined) {
    this.#thing = thing;
    this.#board = board;
  }

  boards(): readonly ShownBoard[] {
    const board = this.#board();
    return board === undefined || board.chip.partitions.length === 0 ? [] : [this.#picture(board)];
  }

  subscribe(listener: (board: ShownBoard) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Before the board does something. */
  onStep(step: Step): void {
    const [, command, address = "", length = ""] = COMMAND.exec(step.detail) ?? [];
    if (command !== undefined) {
      const from = Number.parseInt(address, 16);
      const now = Date.now();
      for (let at = from - (from % BLOCK_SIZE); at < from + Number(length); at += BLOCK_SIZE) {
        if (command === "erase") this.#touched.set(at, { kind: "x", at: now, shown: false, written: false });
        else this.#written(at, now);
      }
    }
    if (step.kind !== "timer") this.#happened();
  }

  onEvent(event: BoardEvent): void {
    const board = this.#board();
    if (board === undefined) return;
    if (event.type === "boot") {
      this.#version = event.version ?? "";
      this.#blocks.clear();
      this.#contents.clear();
    }
    this.#log.push(...boardLines(event, board));
    this.#log.splice(0, Math.max(0, this.#log.length - MAX_LOG_LINES));
    this.#happened();
  }

  /** A block is written as soon as it is erased: who looks sees both, one after the other. */
  #written(at: number, now: number): void {
    const before = this.#touched.get(at);
    if (before?.kind === "x" && !before.shown) this.#touched.set(at, { ...before, written: true });
    else this.#touched.set(at, { kind: "w", at: now, shown: false, written: true });
  }

  /** After a picture. */
  #age(now: number): void {
    for (const [at, { written, kind, at: since }] of this.#touched) {
      if (kind === "x" && written) this.#touched.set(at, { kind: "w", at: now, shown: false, written });
      else if (now - since > BUSY_MS) this.#touched.delete(at);
      else this.#touched.set(at, { kind, at: since, shown: true, written });
    }
  }

  #happened(): void {
    if (this.#listeners.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const board = this.#board();
      if (board === undefined || board.chip.partitions.length === 0) return;
      const picture = this.#picture(board);
      for (const listener of this.#listeners) listener(picture);
      // What is busy now is not later, whether or not anything happens.
      if (this.#touched.size > 0) this.#happened();
    }, PICTURE_MS);
    this.#timer.unref();
  }

  #picture(board: Board): ShownBoard {
    const now = Date.now();
    const { chip, counters, state } = board;
    const slots = chip.partitions.filter(isOtaSlot);
    for (const slot of slots) this.#findBlocks(board, slot);
    const partitions = chip.partitions.map((partition) => this.#partition(board, partition));
    this.#age(now);
    return {
      thing: this.#thing,
      at: now,
      state,
      version: state === "off" ? "" : this.#version,
      partitions,
      blockBytes: BLOCK_SIZE,
      otadata: chip.otadata().map(entryText),
      bytesWritten: counters.bytesWritten,
      bytesErased: counters.bytesErased,
      bytesReceived: counters.bytesReceived,
      boots: counters.boots,
      log: this.#log,
    };
  }

  /** Looks at the blocks that were touched, or at all of a slot that was not looked at. */
  #findBlocks(board: Board, slot: Partition): void {
    const { label, offset, size } = slot;
    const known = this.#blocks.get(label);
    const blocks = known ?? new Array<string>(Math.ceil(size / BLOCK_SIZE)).fill("e");
    for (let index = 0; index < blocks.length; index += 1) {
      const at = offset + index * BLOCK_SIZE;
      if (known !== undefined && !this.#touched.has(at)) continue;
      const bytes = board.flash.contents.read(at, Math.min(BLOCK_SIZE, offset + size - at));
      blocks[index] = bytes.every((byte) => byte === 0xff) ? "e" : "d";
    }
    this.#blocks.set(label, blocks);
  }

  #partition({ chip }: Board, partition: Partition): ShownPartition {
    const { label, offset, size } = partition;
    const running = label === chip.running?.label;
    if (!isOtaSlot(partition)) return { label, offset, size, contents: "", running, blocks: "" };
    const blocks = (this.#blocks.get(label) ?? []).map(
      (block, index) => this.#touched.get(offset + index * BLOCK_SIZE)?.kind ?? block,
    );
    const isBusy = blocks.includes("x") || blocks.includes("w");
    // An image is verified when it rests: that costs a digest of all of it.
    if (isBusy) this.#contents.delete(label);
    else if (!this.#contents.has(label)) this.#contents.set(label, slotContents(chip, partition));
    const contents = this.#contents.get(label) ?? "changes";
    return { label, offset, size, contents, running, blocks: blocks.join("") };
  }
}
