import type { TextStore } from "../foundation/text-store.js";

const MAX_COUNT = 999_999_999;

/**
 * Counts this start, with one write of the store. Undefined where the store fails: then nothing is known.
 * @param store undefined: nothing is counted
 */
export function countBoot(store: TextStore | undefined): number | undefined {
  if (store === undefined) return undefined;
  try {
    const text = store.read() ?? "";
    const count = /^[0-9]{1,9}$/.test(text) ? Math.min(Number(text) + 1, MAX_COUNT) : 1;
    store.write(String(count));
    return count;
  } catch {
    return undefined;
  }
}
