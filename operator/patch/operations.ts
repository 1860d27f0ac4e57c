/** What the decoder does to make the image, as bytes: not yet compressed. */
import type { Stretch } from "./differences.js";
import { FRAME_LENGTH } from "./format.js";

/** A part of one frame: bytes from the base, changed or not, or new ones. */
export interface Part {
  readonly kind: "base" | "new";
  /** In the image. */
  readonly at: number;
  readonly length: number;
  /** In the base. */
  readonly source: number;
}

/** The stretches cut at the edges of the frames. */
export function framesOf(stretches: readonly Stretch[]): Part[][] {
  const frames: Part[][] = [];
  const add = (kind: Part["kind"], start: number, count: number, source: number): void => {
    for (let done = 0; done < count; ) {
      const at = start + done;
      const length = Math.min(count - done, FRAME_LENGTH - (at % FRAME_LENGTH));
      if (at % FRAME_LENGTH === 0) frames.push([]);
      frames.at(-1)?.push({ kind, at, length, source: source + done });
      done += length;
    }
  };
  for (const { at, similar, source, fresh } of stretches) {
    add("base", at, similar, source);
    add("new", at + similar, fresh, 0);
  }
  return frames;
}

/** Makes the bytes of frames for one pair of images. */
export class FrameWriter {
  readonly #base: Uint8Array;
  readonly #image: Uint8Array;

  constructor(base: Uint8Array, image: Uint8Array) {
    this.#base = base;
    this.#image = image;
  }

  /**
   * The operations of one frame. Unchanged bytes are a run when there are at least `shortestRun` of them; otherwise
   * they stand among the changed ones as differences of 0.
   */
  bytesOf(parts: readonly Part[], shortestRun: number): Uint8Array {
    const out: number[] = [];
    let expected = parts[0]?.at ?? 0;
    for (const part of parts) {
      const { kind, at, length, source } = part;
      varint(out, length * 2 + (kind === "new" ? 1 : 0));
      if (kind === "new") {
        for (let index = at; index < at + length; index++) out.push(this.#image[index] ?? 0);
        continue;
      }
      varint(out, zigzag(source - expected));
      expected = source + length;
      this.changes(out, part, shortestRun);
    }
    return Uint8Array.from(out);
  }

  /** In turn: a count, so many differences; a count, so many bytes unchanged. */
  private changes(out: number[], { at, length, source }: Part, shortestRun: number): void {
    const difference = (index: number): number =>
      ((this.#image[at + index] ?? 0) - (this.#base[source + index] ?? 0)) & 0xff;
    let written = 0;
    const write = (until: number): void => {
      varint(out, until - written);
      for (; written < until; written++) out.push(difference(written));
    };
    let index = 0;
    while (index < length) {
      let end = index;
      while (end < length && difference(end) === 0) end++;
      const isRun = end - index >= shortestRun || (end === length && end > index);
      if (isRun) {
        write(index);
        varint(out, end - index);
        written = end;
      }
      index = Math.max(end, index + 1);
    }
    if (written < length) write(length);
  }
}

/** Seven bits a byte, the low ones first; the highest bit says that another byte follows. */
function varint(out: number[], value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
  out.push(rest);
}

const zigzag = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);
