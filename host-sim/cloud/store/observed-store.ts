import type { CloudStore, ListPart, Stored, StoredEntry } from "../context/context.js";

/** Hears of each key that is written or removed, at once and also in a transaction that is undone later. */
export type KeyObserver = (key: readonly string[]) => void;

/** A store that tells which keys change: for whoever keeps in memory what is derived from them. */
export class ObservedStore implements CloudStore {
  readonly #store: CloudStore;
  readonly #observers = new Set<KeyObserver>();

  constructor(store: CloudStore) {
    this.#store = store;
  }

  observe(observer: KeyObserver): void {
    this.#observers.add(observer);
  }

  get(key: readonly string[]): Stored | undefined {
    return this.#store.get(key);
  }

  put(key: readonly string[], value: Stored): void {
    this.#store.put(key, value);
    this.#tell(key);
  }

  remove(key: readonly string[]): void {
    this.#store.remove(key);
    this.#tell(key);
  }

  list(prefix: readonly string[], part?: ListPart): Iterable<StoredEntry> {
    return this.#store.list(prefix, part);
  }

  transaction<T>(body: () => T): T {
    return this.#store.transaction(body);
  }

  close(): void {
    this.#store.close();
  }

  #tell(key: readonly string[]): void {
    for (const observer of this.#observers) observer(key);
  }
}
