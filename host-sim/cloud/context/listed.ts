import type { CloudStore, StoredEntry } from "./context.js";

/** Entries that are read at a time. */
const AT_ONCE = 256;

/**
 * Entries of a long list, read as they are taken: whoever stops early has not paid for the rest. What changes meanwhile
 * behind the place that was reached is seen.
 *
 * @param after the last part of a key under `prefix`, behind which the list begins
 */
export function* listed(store: CloudStore, prefix: readonly string[], after?: string): Iterable<StoredEntry> {
  let last: readonly string[] | undefined = after === undefined ? undefined : [...prefix, after];
  for (;;) {
    const entries: readonly StoredEntry[] = [...store.list(prefix, { after: last, limit: AT_ONCE })];
    yield* entries;
    last = entries.at(-1)?.key;
    if (entries.length < AT_ONCE) return;
  }
}
