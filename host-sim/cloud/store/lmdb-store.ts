import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";
import type { CloudStore, ListPart, Stored, StoredEntry } from "../context/context.js";
import { makePrivateFile, makePrivateFolder } from "../files/index.js";
import { findableKey, joinKey, keyAfter, splitKey } from "./keys.js";

/** Address space reserved for the file, which itself grows as needed. */
const MAP_BYTES = 4 * 1024 * 1024 * 1024;

/**
 * A store on disk. A change is committed and flushed when the call that made it returns, so killing the process (or
 * cutting the power, as far as the disk is honest) at any moment loses nothing that was acknowledged. It holds the
 * operator's key: only the owner of its files reads them.
 *
 * @throws Error when the directory cannot be made or holds no usable store.
 */
export function openLmdbStore(directory: string): CloudStore {
  makePrivateFolder(directory);
  const path = join(directory, "state.lmdb");
  // The database makes files that everybody may read; it takes empty ones that are there.
  for (const file of [path, `${path}-lock`]) makePrivateFile(file);
  return new LmdbStore(
    open<Stored, Buffer>({
      path,
      encoding: "json",
      keyEncoding: "binary",
      mapSize: MAP_BYTES,
      // With overlapping flushes a commit would return before it is on disk.
      overlappingSync: false,
    }),
  );
}

class LmdbStore implements CloudStore {
  readonly #database: RootDatabase<Stored, Buffer>;
  #closed = false;

  constructor(database: RootDatabase<Stored, Buffer>) {
    this.#database = database;
  }

  get(key: readonly string[]): Stored | undefined {
    this.#checkOpen();
    const joined = findableKey(key);
    return joined === undefined ? undefined : this.#database.get(joined);
  }

  put(key: readonly string[], value: Stored): void {
    this.#checkOpen();
    this.#database.putSync(joinKey(key), value);
  }

  remove(key: readonly string[]): void {
    this.#checkOpen();
    const joined = findableKey(key);
    if (joined !== undefined) this.#database.removeSync(joined);
  }

  list(prefix: readonly string[], { after, limit }: ListPart = {}): Iterable<StoredEntry> {
    this.#checkOpen();
    const begin = prefix.length === 0 ? undefined : findableKey(prefix);
    if (prefix.length > 0 && begin === undefined) return [];
    const behind = after === undefined ? undefined : findableKey(after);
    const end = begin === undefined ? {} : { end: keyAfter(begin) };
    const most = limit === undefined ? {} : { limit };
    const range =
      behind === undefined
        ? { ...end, ...most, ...(begin === undefined ? {} : { start: begin }) }
        : { ...end, ...most, start: behind, exclusiveStart: true };
    // Read out at once: a cursor left open would see changes made while the caller iterates.
    return Array.from(this.#database.getRange(range), ({ key, value }) => ({ key: splitKey(key), value }));
  }

  transaction<T>(body: () => T): T {
    this.#checkOpen();
    return this.#database.transactionSync(body);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // All writes were synchronous: what is left to close cannot fail in a way that loses data.
    void this.#database.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("store is closed");
  }
}
