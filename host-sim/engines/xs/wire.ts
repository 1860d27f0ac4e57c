/**
 * Values as bytes, the same file on both sides of the pipe: `[u32 length of header][header: JSON][bytes, one array
 * after the other]`. In the header `{"$":n}` stands for the next n bytes, `{"$":-1}` for `undefined`.
 */

import type { HostValue } from "../engine.js";

/** UTF-8 of whoever uses the codec. */
export interface TextCodec {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

const HEADER_LENGTH_BYTES = 4;
const PLACEHOLDER = "$";

export function encodeValue(value: unknown, text: TextCodec): Uint8Array {
  const blobs: Uint8Array[] = [];
  const header = text.encode(JSON.stringify(hideBytes(value, blobs)));
  let length = HEADER_LENGTH_BYTES + header.length;
  for (const blob of blobs) length += blob.length;
  const frame = new Uint8Array(length);
  frame[0] = header.length & 255;
  frame[1] = (header.length >> 8) & 255;
  frame[2] = (header.length >> 16) & 255;
  frame[3] = header.length >>> 24;
  frame.set(header, HEADER_LENGTH_BYTES);
  let offset = HEADER_LENGTH_BYTES + header.length;
  for (const blob of blobs) {
    frame.set(blob, offset);
    offset += blob.length;
  }
  return frame;
}

export function decodeValue(frame: Uint8Array, text: TextCodec): HostValue {
  const length = (frame[0] ?? 0) | ((frame[1] ?? 0) << 8) | ((frame[2] ?? 0) << 16) | ((frame[3] ?? 0) << 24);
  const end = HEADER_LENGTH_BYTES + length;
  const value: unknown = JSON.parse(text.decode(frame.subarray(HEADER_LENGTH_BYTES, end)));
  return showBytes(value, { frame, offset: end });
}

function hideBytes(value: unknown, blobs: Uint8Array[]): unknown {
  if (value === undefined) return { [PLACEHOLDER]: -1 };
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") {
    throw new TypeError(`a ${typeof value} cannot be passed to the board`);
  }
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    blobs.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return { [PLACEHOLDER]: value.byteLength };
  }
  if (Array.isArray(value)) return value.map((item: unknown) => hideBytes(item, blobs));
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) result[key] = hideBytes(item, blobs);
  return result;
}

interface Cursor {
  readonly frame: Uint8Array;
  offset: number;
}

function showBytes(value: unknown, cursor: Cursor): HostValue {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean" || value === null)
    return value;
  if (Array.isArray(value)) return value.map((item: unknown) => showBytes(item, cursor));
  if (typeof value !== "object") return undefined;
  if (PLACEHOLDER in value && typeof value[PLACEHOLDER] === "number") {
    const length = value[PLACEHOLDER];
    if (length < 0) return undefined;
    const bytes = cursor.frame.slice(cursor.offset, cursor.offset + length);
    cursor.offset += length;
    return bytes;
  }
  const result: Record<string, HostValue> = {};
  for (const [key, item] of Object.entries(value)) result[key] = showBytes(item, cursor);
  return result;
}
