import type { CloudStore, ListPart, Stored, StoredEntry } from "../context/context.js";
import { findableKey, joinKey, splitKey } from "./keys.js";

/**
 * A store that lives as long as the process. Values are copied in and frozen, so that a caller cannot change what is
 * stored.
 */
export function memoryStore(): CloudStore {
  return new MemoryStore();
}

interface Undo {
  readonly key: string;
  readonly before: Stored | undefined;
}

class MemoryStore implements CloudStore {
  /** Keys as binary strings: their order by code unit is the order of the key's bytes, as on disk. */
  readonly #values = new Map<string, Stored>();
  readonly #sorted: string[] = [];
  readonly #undo: Undo[] = [];
  #depth = 0;
  #closed = false;

  get(key: readonly string[]): Stored | undefined {
    this.#checkOpen();
    const joined = findableKey(key);
    return joined === undefined ? undefined : this.#values.get(joined.toString("latin1"));
  }

  put(key: readonly string[], value: Stored): void {
    this.#checkOpen();
    this.#set(joinKey(key).toString("latin1"), frozenCopy(value));
  }

  remove(key: readonly string[]): void {
    this.#checkOpen();
    const joined = findableKey(key);
    if (joined !== undefined) this.#set(joined.toString("latin1"), undefined);
  }

  list(prefix: readonly string[], { after, limit = Number.POSITIVE_INFINITY }: ListPart = {}): Iterable<StoredEntry> {
    this.#checkOpen();
    const start = prefix.length === 0 ? "" : findableKey(prefix)?.toString("latin1");
    if (start === undefined) return [];
    const behind = after === undefined ? undefined : findableKey(after)?.toString("latin1");
    const entries: StoredEntry[] = [];
    for (let index = this.#indexOf(behind ?? start); index < this.#sorted.length && entries.length < limit; index++) {
      const key = this.#sorted[index];
      if (key === undefined || !key.startsWith(start)) break;
      if (key === behind) continue;
      const value = this.#values.get(key);
      if (value !== undefined) entries.push({ key: splitKey(Buffer.from(key, "latin1")), value });
    }
    return entries;
  }

  transaction<T>(body: () => T): T {
    this.#checkOpen();
    const mark = this.#undo.length;
    this.#depth++;
    try {
      return body();
    } catch (error) {
      for (const { key, before } of this.#undo.splice(mark).reverse()) this.#apply(key, before);
      throw error;
    } finally {
      this.#depth--;
      if (this.#depth === 0) this.#undo.length = 0;
    }
  }

  close(): void {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("store is closed");
  }

  #set(key: string, value: Stored | undefined): void {
    if (this.#depth > 0) this.#undo.push({ key, before: this.#values.get(key) });
    this.#apply(key, value);
  }

  #apply(key: string, value: Stored | undefined): void {
    if (value === undefined) {
      if (this.#values.delete(key)) this.#sorted.splice(this.#indexOf(key), 1);
      return;
    }
    if (!this.#values.has(key)) this.#sorted.splice(this.#indexOf(key), 0, key);
    this.#values.set(key, value);
  }

  /** Index of the first key that is not before `key`. */
  #indexOf(key: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function frozenCopy(value: Stored): Stored {
  if (Array.isArray(value)) return Object.freeze(value.map((item: Stored) => frozenCopy(item)));
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, Stored> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) {
      // Defined, not assigned: a member may be called `__proto__`.
      Object.defineProperty(copy, name, { value: frozenCopy(member), enumerable: true });
    }
  }
  return Object.freeze(copy);
}
