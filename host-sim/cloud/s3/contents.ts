import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder, PRIVATE_FILE } from "../files/index.js";
import { type ByteSource, bytesSource } from "../message/message.js";

/** Where the bytes of objects lie. Contents are written once and never changed. */
export interface ContentStore {
  /** Keeps the bytes of the parts, which are taken one by one, and answers their id; durable when it returns. */
  write(parts: Iterable<Uint8Array>): string;
  /** Error: throws for an unknown id. */
  open(id: string): ByteSource;
  remove(id: string): void;
  /** Removes everything but `ids`: what a kill between writing a content and naming it left behind. */
  keepOnly(ids: ReadonlySet<string>): void;
}

/** Contents as files of a folder: a firmware may have a key in it, so only their owner reads them. */
export function fileContents(dir: string): ContentStore {
  makePrivateFolder(dir);
  return {
    write(parts) {
      const id = randomBytes(16).toString("hex");
      const file = openSync(join(dir, `${id}.part`), "wx", PRIVATE_FILE);
      try {
        for (const part of parts) for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(join(dir, `${id}.part`), join(dir, id));
      return id;
    },
    open(id) {
      // An open file stays readable when its object is replaced or deleted meanwhile.
      const file = openSync(join(dir, id), "r");
      return fileSource(file);
    },
    remove: (id) => rmSync(join(dir, id), { force: true }),
    keepOnly(ids) {
      for (const name of readdirSync(dir)) if (!ids.has(name)) rmSync(join(dir, name), { force: true });
    },
  };
}

function fileSource(file: number): ByteSource {
  let open = true;
  return {
    // The length is taken from the object's record; a file source alone has none that could disagree with it.
    length: Number.MAX_SAFE_INTEGER,
    read(start, end) {
      const bytes = new Uint8Array(Math.max(0, end - start));
      let at = 0;
      while (at < bytes.length) {
        const count = readSync(file, bytes, at, bytes.length - at, start + at);
        if (count === 0) break;
        at += count;
      }
      return at === bytes.length ? bytes : bytes.subarray(0, at);
    },
    close() {
      if (!open) return;
      open = false;
      closeSync(file);
    },
  };
}

/** Contents in memory, for scenarios. */
export function memoryContents(): ContentStore {
  const contents = new Map<string, Uint8Array>();
  let count = 0;
  return {
    write(parts) {
      count += 1;
      contents.set(String(count), Uint8Array.from(Buffer.concat([...parts])));
      return String(count);
    },
    open(id) {
      const bytes = contents.get(id);
      if (bytes === undefined) throw new Error(`no content ${id}`);
      return bytesSource(bytes);
    },
    remove: (id) => void contents.delete(id),
    keepOnly(ids) {
      for (const id of [...contents.keys()]) if (!ids.has(id)) contents.delete(id);
    },
  };
}
