/**
 * How soon an update can be in flash at all, whatever a program does: what every measurement is held against.
 *
 * The rules are those of the models: the flash does one command at a time; while it works the processor receives,
 * acknowledges and sends nothing; at most one window W of bytes is unacknowledged; nothing is erased before the first
 * bytes of the image were judged. The scheduler knows everything in advance, has memory without end, takes no time for
 * itself, and may erase each block by one command of 64 KiB or by sixteen of 4 KiB.
 *
 * Why nobody is faster. Let R(t) be the bytes that reached the processor by the time t, and let the last one come at the
 * end of the transfer, e0. What arrives by e0 was allowed by acknowledgements that left a round trip G before: at the last
 * moment e1 <= e0 - G at which the processor was free. So R(e0) - R(e1) <= W, and in the same way back from e1 to e2 and
 * so on: after the first window, n = ceil(bytes / W) - 1 gaps follow each other, none shorter than G. A flash command lies
 * within one gap, because at the moments between them the processor is free, or before the first; so a gap is as long as
 * G or as the commands in it, whichever is longer. When x blocks are erased by one command of time E > G each, at most x
 * gaps hold such commands; those gaps take x E and what else is in them, the other n - x gaps take G each, or the other
 * commands' time w in all if that is longer:
 *
 *     T >= x E + max((n - x) G, w(x)),   w(x) = sectors erased singly and pages written
 *
 * (Where E <= G: T >= max(n G, x E + w(x)).) The least over x, and the time that the line needs for the bytes, are the
 * bound. Before: the way to the first byte. Nothing is subtracted afterwards but the last page's write is added, since it
 * cannot begin before the last byte is there.
 */
import { BLOCK, FLASH_MODEL, type LinkModel, SECTOR, writeMs } from "./models.js";

/** Header, explicit nonce and tag of a TLS record; most bytes of one. */
const RECORD_OVERHEAD = 29;
const RECORD = 16_384;
/** TCP's handshake, TLS 1.2's two round trips, request and first byte. */
const ROUND_TRIPS_BEFORE = 4;

export interface Bound {
  /** From opening the connection to the last write, milliseconds. */
  readonly ms: number;
  /** What the line alone needs for the bytes, and the flash alone for its commands. */
  readonly lineMs: number;
  readonly flashMs: number;
}

/** For `size` bytes of image. */
export function boundOf(size: number, { roundTripMs, bytesPerSecond, window }: LinkModel): Bound {
  const wire = size + Math.ceil(size / RECORD) * RECORD_OVERHEAD;
  const lineMs = (wire / bytesPerSecond) * 1000;
  const gaps = Math.max(0, Math.ceil(wire / window) - 1);
  const writes = writeMs(size);
  const blocks = Math.floor(size / BLOCK);
  const rest = Math.ceil((size % BLOCK) / SECTOR);
  const { blockEraseMs, sectorEraseMs, pageProgramMs } = FLASH_MODEL;
  let transfer = Number.POSITIVE_INFINITY;
  let flashMs = Number.POSITIVE_INFINITY;
  // The rest of the image may be erased as a whole block, too.
  for (let whole = 0; whole <= blocks + 1; whole += 1) {
    const single = Math.max(0, (blocks - whole) * (BLOCK / SECTOR) + (whole > blocks ? 0 : rest));
    const others = single * sectorEraseMs + writes;
    flashMs = Math.min(flashMs, whole * blockEraseMs + others);
    const ms =
      blockEraseMs > roundTripMs
        ? whole * blockEraseMs + Math.max((gaps - whole) * roundTripMs, others)
        : Math.max(gaps * roundTripMs, whole * blockEraseMs + others);
    transfer = Math.min(transfer, ms);
  }
  return { ms: ROUND_TRIPS_BEFORE * roundTripMs + Math.max(transfer, lineMs) + pageProgramMs, lineMs, flashMs };
}
