import {
  BASE_PART_LENGTH,
  BASE_PART_START,
  FRAME_LENGTH,
  type FrameDecoder,
} from "../../../modules/fota-patch/frame-step.js";
import type { TracedPatch } from "./native-program.js";

/** As harness.c traces: step and place, and what belongs to the step; -1 at the end. */
export function traceOf(
  { imageSize, offset: start, base, frames, chunk }: TracedPatch,
  decoder: FrameDecoder,
): number[] {
  const trace: number[] = [];
  let offset = start;
  const begin = () => decoder.begin(offset, Math.min(FRAME_LENGTH, imageSize - offset), base.length);
  begin();
  for (let from = 0; from < frames.length; from += chunk) {
    const bytes = frames.subarray(from, from + chunk);
    let at = 0;
    let step = 0;
    do {
      step = decoder.decode(bytes, at, bytes.length);
      at = decoder.at;
      trace.push(step, at);
      if (step === 1) trace.push(hash(decoder.room.subarray(0, decoder.pieceLength)));
      if (step === 2) {
        const { baseOffset } = decoder;
        trace.push(baseOffset);
        const length = Math.min(BASE_PART_LENGTH, base.length);
        if (baseOffset < 0 || baseOffset + length > base.length) throw new RangeError("outside the base");
        decoder.room.set(base.subarray(baseOffset, baseOffset + length), BASE_PART_START);
      }
      if (step === 3) {
        trace.push(decoder.kept);
        offset = Math.min(offset + FRAME_LENGTH, imageSize);
        if (offset < imageSize) begin();
      }
    } while (step > 0 && step < 16 && offset < imageSize);
    if (step >= 16 || offset === imageSize) break;
  }
  trace.push(-1);
  return trace;
}

function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
