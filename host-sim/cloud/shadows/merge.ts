import type { Stored } from "../context/context.js";
import { isMembers, memberOf, type StoredMembers } from "../context/json.js";

/** Values with, at the same places, the second in which each was written. */
export interface Stamped {
  readonly value: StoredMembers;
  readonly metadata: StoredMembers;
}

/** A change of one half of a shadow. */
export interface Merged extends Stamped {
  /** The metadata of what the change wrote, and of nothing else. */
  readonly written: StoredMembers;
}

/**
 * The half of a shadow after a change: objects are merged member by member, `null` takes a member away, and everything
 * else, lists too, takes the place of what was there. Pure. [AWS IoT: Device Shadow service documents]
 */
export function merge(before: Stamped, change: StoredMembers, timestamp: number): Merged {
  const value = new Map(Object.entries(before.value));
  const metadata = new Map(Object.entries(before.metadata));
  const written = new Map<string, Stored | undefined>();
  for (const [name, wanted] of Object.entries(change)) {
    if (wanted === undefined) continue;
    if (wanted === null) {
      value.delete(name);
      metadata.delete(name);
      continue;
    }
    if (isMembers(wanted)) {
      const inner = merge(within(before, name), wanted, timestamp);
      value.set(name, inner.value);
      metadata.set(name, inner.metadata);
      written.set(name, inner.written);
      continue;
    }
    const stamps = stampsOf(wanted, timestamp);
    value.set(name, wanted);
    metadata.set(name, stamps);
    written.set(name, stamps);
  }
  return {
    value: Object.fromEntries(value),
    metadata: Object.fromEntries(metadata),
    written: Object.fromEntries(written),
  };
}

function within(before: Stamped, name: string): Stamped {
  const [value, metadata] = [memberOf(before.value, name), memberOf(before.metadata, name)];
  return isMembers(value) && isMembers(metadata) ? { value, metadata } : { value: {}, metadata: {} };
}

/** Each value of a list has a stamp of its own. */
function stampsOf(value: Stored, timestamp: number): Stored {
  if (Array.isArray(value)) return value.map((item: Stored) => stampsOf(item, timestamp));
  if (isMembers(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, stampsOf(member ?? null, timestamp)]),
    );
  return { timestamp };
}
