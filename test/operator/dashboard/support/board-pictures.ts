import type { BoardFeed, ShownBoard } from "fota-operator/dashboard";

/** A board of which a test says how it looks. */
export class BoardPictures implements BoardFeed {
  readonly #listeners = new Set<(board: ShownBoard) => void>();
  #board: ShownBoard;

  constructor(thing: string) {
    const slot = { size: 4 * 65_536, running: false, contents: "", blocks: "eeee" };
    this.#board = {
      thing,
      at: 1_000_000,
      state: "running",
      version: "1.0.1",
      partitions: [
        { label: "nvs", offset: 0x9000, size: 0x6000, contents: "", running: false, blocks: "" },
        {
          ...slot,
          label: "ota_0",
          offset: 0x20000,
          contents: "app 1.0.1, 100000 bytes",
          running: true,
          blocks: "ddee",
        },
        { ...slot, label: "ota_1", offset: 0x60000, contents: "no valid image" },
      ],
      blockBytes: 65_536,
      otadata: ["sequence 1 VALID", "blank"],
      bytesWritten: 0,
      bytesErased: 0,
      bytesReceived: 0,
      boots: 1,
      log: ["power on"],
    };
  }

  boards(): readonly ShownBoard[] {
    return [this.#board];
  }

  subscribe(listener: (board: ShownBoard) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A second later. */
  show(part: Partial<ShownBoard> & { readonly otherSlot?: string }): void {
    const { otherSlot, ...rest } = part;
    const partitions = this.#board.partitions.map((partition) =>
      partition.label === "ota_1" && otherSlot !== undefined ? { ...partition, blocks: otherSlot } : partition,
    );
    this.#board = { ...this.#board, partitions, ...rest, at: this.#board.at + 1000 };
    for (const listener of this.#listeners) listener(this.#board);
  }
}
