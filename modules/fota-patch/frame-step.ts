/** What the decoder of a frame asks for, and what it finds wrong: numbers, as the native one gives them. */

/** It has used up the bytes it was given. */
export const NEEDS_BYTES = 0;
/** A piece of the result is ready. */
export const HAS_PIECE = 1;
/** It needs a part of the base. */
export const NEEDS_BASE = 2;
/** The frame is complete, all of its result was given away. */
export const FRAME_DONE = 3;
/** This and above: the frame is not valid, and nothing more comes of it. */
export const FIRST_FAULT = 16;

export const FAULT_BLOCK = 16;
export const FAULT_STORED = 17;
export const FAULT_LENGTHS = 18;
export const FAULT_CODE = 19;
export const FAULT_DISTANCE = 20;
export const FAULT_TOO_LONG = 21;
export const FAULT_NUMBER = 22;
export const FAULT_COUNT = 23;
export const FAULT_SOURCE = 24;
export const FAULT_SURPLUS = 25;
export const FAULT_SHORT = 26;

const FAULTS: readonly string[] = Object.freeze([
  "a block of an unknown type",
  "a stored block contradicts its length",
  "a table of codes that cannot be",
  "a code that is in no table",
  "a distance before the frame's beginning",
  "a frame of more bytes than the format allows",
  "a number of more than four bytes",
  "a count of nothing, or of more than is left",
  "a part that lies outside the base",
  "a frame goes on behind its end",
  "a frame ends too early",
]);

export function faultText(step: number): string {
  return FAULTS[step - FIRST_FAULT] ?? `fault ${step}`;
}

/** Neither the compressed nor the plain operations of a frame are longer. */
export const MAX_FRAME_BYTES = 131_072;
/** Bytes of the result that one frame gives; the last one gives the rest. */
export const FRAME_LENGTH = 65_536;
/** Bytes of the largest piece. */
export const PIECE_LENGTH = 4096;
/** Bytes of the base that are read and kept at a time. */
export const BASE_PART_LENGTH = 1024;
/** The largest distance in a frame's deflate stream. */
export const WINDOW_LENGTH = 4096;

/** The three memories of a decoder, side by side in one buffer so that the engine can move bytes between them. */
export const WINDOW_START = PIECE_LENGTH;
export const BASE_PART_START = WINDOW_START + WINDOW_LENGTH;
export const ROOM_LENGTH = BASE_PART_START + BASE_PART_LENGTH;

/** Decodes one frame after another. After a fault nothing but `begin` is allowed. */
export interface FrameDecoder {
  /** Of {@link ROOM_LENGTH} bytes: piece, window, part of the base. */
  readonly room: Uint8Array;
  /** Bytes of the piece at the beginning of `room`, after {@link HAS_PIECE}. */
  readonly pieceLength: number;
  /** After {@link NEEDS_BASE}: where it begins. It has {@link BASE_PART_LENGTH} bytes, or all of a smaller base. */
  readonly baseOffset: number;
  /** Bytes given and not used yet, once {@link FRAME_DONE}: they belong to the next frame. */
  readonly kept: number;
  /** Where in the bytes of the last `decode` it stands. */
  readonly at: number;
  /** The next frame: `length` bytes of the image at `imageOffset`, of a base of `baseSize` bytes. */
  begin(imageOffset: number, length: number, baseSize: number): void;
  /** Goes on with the bytes from `from` to `to`. @returns one of the numbers above */
  decode(bytes: Uint8Array, from: number, to: number): number;
}
