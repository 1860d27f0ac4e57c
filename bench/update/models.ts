import type { Step } from "../../host-sim/board/index.js";
import type { Link } from "../../host-sim/board/network/index.js";
import type { VirtualClock } from "../../host-sim/board/virtual-clock.js";

/** Typical times of a 4 MB NOR flash, as the figures are stated for. */
export const FLASH_MODEL = Object.freeze({ sectorEraseMs: 50, blockEraseMs: 200, pageProgramMs: 0.4 });
const BLOCK = 65_536;
const PAGE = 256;

/**
 * The board's own timing is to be off. Lets each flash command take its time on the clock; the board does nothing else
 * meanwhile.
 */
export class FlashModel {
  /** Milliseconds the flash was busy. */
  busyMs = 0;
  #owed = 0;

  take({ kind, detail }: Step, clock: VirtualClock): void {
    if (kind !== "flash-erase" && kind !== "flash-write") return;
    const length = Number(detail.slice(detail.indexOf("+") + 1));
    const { sectorEraseMs, blockEraseMs, pageProgramMs } = FLASH_MODEL;
    const ms =
      kind === "flash-write"
        ? Math.ceil(length / PAGE) * pageProgramMs
        : length === BLOCK
          ? blockEraseMs
          : sectorEraseMs;
    this.busyMs += ms;
    // The clock counts whole milliseconds.
    this.#owed += ms;
    const whole = Math.floor(this.#owed);
    this.#owed -= whole;
    clock.block(whole);
  }
}

export interface LinkModel {
  readonly name: string;
  readonly link: Link;
}

const LATENCY_MS = 25;
const BYTES_PER_SECOND = 1_000_000;

/**
 * 50 ms there and back, 1 MB/s. The virtual network has one chunk on the way at a time: a chunk of half a TCP window
 * for each one-way trip is one window for each round trip, which is what TCP does on a link without loss.
 */
function linkWithWindow(window: number): Link {
  return { latencyMs: LATENCY_MS, bytesPerSecond: BYTES_PER_SECOND, chunkBytes: window / 2 };
}

/**
 * The SDK's `CONFIG_LWIP_TCP_WND_DEFAULT`, 8192; and a window with room for a whole TLS record on its way, for
 * comparison.
 */
export const SDK_LINK: LinkModel = Object.freeze({ name: "window 8 KiB (SDK)", link: linkWithWindow(8192) });
export const WIDE_LINK: LinkModel = Object.freeze({ name: "window 32 KiB", link: linkWithWindow(32_768) });
