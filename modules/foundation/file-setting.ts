import { base64FromBytes, bytesFromBase64 } from "./base64.js";
import { bytesFromHex, hexFromBytes } from "./hex.js";

/**
 * Where settings lie: a text of less than 4000 bytes under a name of at most 15 characters. Each change is whole or not
 * made.
 */
export type SettingStore = {
  get(name: string): string | undefined;
  set(name: string, text: string): void;
  delete(name: string): void;
};

/** NVS strings are shorter than 4000 bytes: a file of so many bytes is one of them, in hexadecimal digits. */
const MAX_WHOLE_LENGTH = 1999;
/** A part is 2000 characters of base64, so that two of them share a page of NVS. */
const PART_LENGTH = 1500;
/** A file and its successor have to find room in an NVS partition of 24 KB at the same time. */
const MAX_FILE_LENGTH = 6000;

/** The two sets of names that the parts of a file alternate between. */
type PartSet = "a" | "b";
/** What stands under a file's own name when the file lies in parts. */
type Head = { readonly set: PartSet; readonly count: number; readonly byteLength: number };

/** The file kept under `name`; undefined where there is none, or what is there is no file. */
export function readFileSetting(store: SettingStore, name: string): Uint8Array | undefined {
  const text = store.get(name);
  if (text === undefined) return undefined;
  const head = headIn(text);
  if (head === undefined) return bytesFromHex(text);
  const bytes = new Uint8Array(head.byteLength);
  for (let index = 0; index < head.count; index++) {
    const part = bytesFromBase64(store.get(partName(name, head.set, index)) ?? "");
    if (part?.byteLength !== partOf(bytes, index).byteLength) return undefined;
    bytes.set(part, index * PART_LENGTH);
  }
  return bytes;
}

/**
 * Keeps `bytes` under `name`, which has at most 12 characters. What is there already is not written again, since flash
 * wears. The power may fail at any moment: the parts of a longer file are written beside those of the file before, then
 * the one text that says which count is changed, and what is left over is deleted, now or at the next call.
 * @throws RangeError for a file of more than 6000 bytes
 */
export function keepFileSetting(store: SettingStore, name: string, bytes: Uint8Array): void {
  if (bytes.byteLength > MAX_FILE_LENGTH) throw new RangeError(`${name} has more than ${MAX_FILE_LENGTH} bytes`);
  if (bytes.byteLength <= MAX_WHOLE_LENGTH) {
    keep(store, name, hexFromBytes(bytes));
    sweep(store, name, "a", 0);
    sweep(store, name, "b", 0);
    return;
  }
  const before = headIn(store.get(name) ?? "");
  const count = Math.ceil(bytes.byteLength / PART_LENGTH);
  const isKept = before?.byteLength === bytes.byteLength && holds(store, name, before, bytes);
  const set = (before?.set === "a") === isKept ? "a" : "b";
  if (!isKept) {
    for (let index = 0; index < count; index++) {
      keep(store, partName(name, set, index), base64FromBytes(partOf(bytes, index)));
    }
    store.set(name, `parts:${set}:${count}:${bytes.byteLength}`);
  }
  sweep(store, name, set, count);
  sweep(store, name, set === "a" ? "b" : "a", 0);
}

function keep(store: SettingStore, name: string, text: string): void {
  if (store.get(name) !== text) store.set(name, text);
}

function holds(store: SettingStore, name: string, head: Head, bytes: Uint8Array): boolean {
  for (let index = 0; index < head.count; index++) {
    if (store.get(partName(name, head.set, index)) !== base64FromBytes(partOf(bytes, index))) return false;
  }
  return true;
}

/** Deletes the parts of a set from `first` on, the last first: so those that a power cut leaves are found again. */
function sweep(store: SettingStore, name: string, set: PartSet, first: number): void {
  let end = first;
  while (store.get(partName(name, set, end)) !== undefined) end++;
  while (end > first) store.delete(partName(name, set, --end));
}

function partName(name: string, set: PartSet, index: number): string {
  return `${name}.${set}${index}`;
}

function partOf(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.subarray(index * PART_LENGTH, (index + 1) * PART_LENGTH);
}

/** Undefined for anything else, such as the hexadecimal digits of a whole file. */
function headIn(text: string): Head | undefined {
  const match = /^parts:([ab]):(\d):(\d{4})$/.exec(text);
  const byteLength = Number(match?.[3]);
  const count = Number(match?.[2]);
  if (match === null || byteLength > MAX_FILE_LENGTH || count !== Math.ceil(byteLength / PART_LENGTH)) return undefined;
  return { set: match[1] === "a" ? "a" : "b", count, byteLength };
}
