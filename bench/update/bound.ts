/**
 * How soon an update can be in flash at all, whatever a program does: what every measurement is held against.
 *
 * The rules are those of the models: the flash does one command at a time; while it works the processor receives,
 * acknowledges and sends nothing; bytes travel in full segments, of which as many as a window holds are unacknowledged
 * at most; nothing is erased before the first bytes of the image were judged. The scheduler knows everything in
 * advance, has memory without end, takes no time for itself, and may erase each block by one command of 64 KiB or by
 * sixteen of 4 KiB.
 *
 * Why nobody is faster. Let R(t) be the bytes that reached the processor by the time t, and let a segment come at e0.
 * The line needs s / rate for it, and the acknowledgement that let it go left a round trip before that: at the last
 * moment e1 <= e0 - G, G = round trip + s / rate, at which the processor was free. So R(e0) - R(e1) <= F, the full
 * segments that a window holds, and in the same way back from e1 to e2 and so on: after the first window there are at
 * least n = ceil((bytes - window) / F) gaps between such moments, none shorter than G. (But for the last one: its
 * segment may be short.) A flash command lies within one gap, because at the moments between them the processor is
 * free, or before the first; so a gap is as long as G or as the commands in it, whichever is longer. When x blocks are
 * erased by one command of time E > G each, at most x gaps hold such commands. Those gaps take x E and what else is in
 * them; the other n - x gaps take G each, or the time w of the other commands in all if that is longer:
 *
 *     T >= x E + max((n - x) G, w(x)),   w(x) = sectors erased singly and pages written
 *
 * (Where E <= G: T >= max(n G, x E + w(x)).) The least over x, or the time that the line needs for the bytes if that is
 * longer, is the bound, after the way to the first byte and before the write of the last page, which cannot begin
 * before its bytes are there.
 */
import { BLOCK, FLASH_MODEL, type LinkModel, SECTOR, writeMs } from "./models.js";

/** Header, explicit nonce and tag of a TLS record; most bytes of one. */
const RECORD_OVERHEAD = 29;
const RECORD = 16_384;
/** The network's, see `VirtualPipe`. */
const SEGMENT = 1436;
/** TCP's handshake, TLS 1.2's two round trips, request and first byte. */
export const ROUND_TRIPS_BEFORE = 4;

export interface Bound {
  /** From opening the connection to the last write, milliseconds. */
  readonly ms: number;
  /** What the line alone needs for the bytes; line, window and round trips without any flash; the flash alone. */
  readonly lineMs: number;
  readonly networkMs: number;
  readonly flashMs: number;
}

/** For `size` bytes of image. */
export function boundOf(size: number, { roundTripMs, bytesPerSecond, window }: LinkModel): Bound {
  const wire = size + Math.ceil(size / RECORD) * RECORD_OVERHEAD;
  const lineMs = (wire / bytesPerSecond) * 1000;
  const segmentMs = (SEGMENT / bytesPerSecond) * 1000;
  const gap = roundTripMs + segmentMs;
  const inFlight = Math.floor(window / SEGMENT) * SEGMENT;
  const gaps = Math.max(0, Math.ceil((wire - window) / inFlight));
  const before = ROUND_TRIPS_BEFORE * roundTripMs;
  const chain = (count: number) => Math.max(0, count * gap - segmentMs);
  let transfer = Number.POSITIVE_INFINITY;
  let flashMs = Number.POSITIVE_INFINITY;
  for (const { whole, single } of eraseMixes(size)) {
    const { blockEraseMs, sectorEraseMs } = FLASH_MODEL;
    const others = single * sectorEraseMs + writeMs(size);
    flashMs = Math.min(flashMs, whole * blockEraseMs + others);
    const ms =
      blockEraseMs > gap
        ? whole * blockEraseMs + Math.max(chain(gaps - whole), others)
        : Math.max(chain(gaps), whole * blockEraseMs + others);
    transfer = Math.min(transfer, ms);
  }
  return {
    ms: before + Math.max(transfer, lineMs) + FLASH_MODEL.pageProgramMs,
    lineMs,
    networkMs: before + Math.max(chain(gaps), lineMs),
    flashMs,
  };
}

/** Every way to erase an image's length: so many blocks whole, the other sectors one by one. */
function* eraseMixes(size: number): Generator<{ readonly whole: number; readonly single: number }> {
  const blocks = Math.floor(size / BLOCK);
  const rest = Math.ceil((size % BLOCK) / SECTOR);
  for (let whole = 0; whole <= blocks; whole += 1) yield { whole, single: (blocks - whole) * (BLOCK / SECTOR) + rest };
  // The end of an image may be erased as a whole block, too.
  if (rest > 0)
    for (let whole = 0; whole <= blocks; whole += 1)
      yield { whole: whole + 1, single: (blocks - whole) * (BLOCK / SECTOR) };
}
