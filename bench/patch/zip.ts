import { inflateRawSync } from "node:zlib";

const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_LENGTH = 22;
const STORED = 0;

/** A file out of a zip archive without a comment; `undefined` when there is none of this name. */
export function zipEntry(archive: Buffer, name: string): Uint8Array | undefined {
  const end = archive.length - END_LENGTH;
  if (end < 0 || archive.readUInt32LE(end) !== END) throw new Error("this is no zip archive");
  let at = archive.readUInt32LE(end + 16);
  while (at < end && archive.readUInt32LE(at) === CENTRAL) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    if (archive.toString("latin1", at + 46, at + 46 + (nameLength ?? 0)) === name) return contentAt(archive, at);
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return undefined;
}

function contentAt(archive: Buffer, central: number): Uint8Array {
  const [method, length, local] = [
    archive.readUInt16LE(central + 10),
    archive.readUInt32LE(central + 20),
    archive.readUInt32LE(central + 42),
  ];
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(start, start + length);
  return new Uint8Array(method === STORED ? bytes : inflateRawSync(bytes));
}
