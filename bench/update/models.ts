import type { Step } from "../../host-sim/board/index.js";
import type { Link } from "../../host-sim/board/network/index.js";
import type { VirtualClock } from "../../host-sim/board/virtual-clock.js";

/** Typical times of a 4 MB NOR flash, as the figures are stated for. */
export const FLASH_MODEL = Object.freeze({ sectorEraseMs: 50, blockEraseMs: 200, pageProgramMs: 0.4 });
export const BLOCK = 65_536;
export const SECTOR = 4096;
export const PAGE = 256;

/** One command to the flash. */
export interface FlashCommand {
  readonly kind: "erase" | "write";
  readonly address: number;
  readonly length: number;
  readonly ms: number;
}

/** The command that a step of the board gives to its flash, and how long the flash takes. */
export function flashCommand({ kind, detail }: Pick<Step, "kind" | "detail">): FlashCommand | undefined {
  if (kind !== "flash-erase" && kind !== "flash-write") return undefined;
  const [address = "0", length = "0"] = detail.slice(detail.indexOf(" ") + 1).split("+");
  const command = { address: Number(address), length: Number(length) };
  if (kind === "flash-write") return { kind: "write", ...command, ms: writeMs(command.length) };
  return { kind: "erase", ...command, ms: eraseMs(command.length) };
}

export function writeMs(length: number): number {
  return Math.ceil(length / PAGE) * FLASH_MODEL.pageProgramMs;
}

export function eraseMs(length: number): number {
  const { sectorEraseMs, blockEraseMs } = FLASH_MODEL;
  return length === BLOCK ? blockEraseMs : Math.ceil(length / SECTOR) * sectorEraseMs;
}

/**
 * The board's own timing is to be off. Lets each flash command take its time on the clock; the board does nothing else
 * meanwhile.
 */
export class FlashModel {
  /** Milliseconds the flash was busy. */
  busyMs = 0;

  take(step: Step, clock: VirtualClock): FlashCommand | undefined {
    const command = flashCommand(step);
    if (command === undefined) return undefined;
    this.busyMs += command.ms;
    clock.block(command.ms);
    return command;
  }
}

/** A way to the servers, and how much of it the device fills. */
export interface LinkModel {
  readonly name: string;
  /** There and back. */
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
  /** The device's TCP receive window, bytes. */
  readonly window: number;
}

/** What the virtual network makes of it. Servers fill TLS records to their limit. */
export function linkOf({ roundTripMs, bytesPerSecond }: LinkModel): Link {
  return { latencyMs: roundTripMs / 2, bytesPerSecond, chunkBytes: 16_384 };
}

/** The SDK's `CONFIG_LWIP_TCP_WND_DEFAULT`. */
export const SDK_WINDOW = 8192;
/** Room for two TLS records, for comparison. */
export const WIDE_WINDOW = 32_768;

const kilobits = (count: number) => (count * 1000) / 8;

export const LINKS: readonly LinkModel[] = Object.freeze([
  { name: "100 kbit/s, 600 ms", roundTripMs: 600, bytesPerSecond: kilobits(100), window: SDK_WINDOW },
  { name: "1 Mbit/s, 100 ms", roundTripMs: 100, bytesPerSecond: kilobits(1000), window: SDK_WINDOW },
  { name: "4 Mbit/s, 50 ms", roundTripMs: 50, bytesPerSecond: kilobits(4000), window: SDK_WINDOW },
  { name: "20 Mbit/s, 20 ms", roundTripMs: 20, bytesPerSecond: kilobits(20_000), window: SDK_WINDOW },
]);

/** The link of the table of choices: 50 ms there and back, 1 MB/s. */
export const PLAIN_LINK: LinkModel = Object.freeze({
  name: "8 Mbit/s, 50 ms",
  roundTripMs: 50,
  bytesPerSecond: 1_000_000,
  window: SDK_WINDOW,
});

/** The same with the wide window. */
export function widened(link: LinkModel): LinkModel {
  return { ...link, name: `${link.name}, window 32 KiB`, window: WIDE_WINDOW };
}
