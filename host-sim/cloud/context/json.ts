import type { Stored } from "./context.js";

/** A JSON object of values that a store keeps. */
export type StoredMembers = { readonly [member: string]: Stored | undefined };

export function isMembers(value: Stored | undefined): value is StoredMembers {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of the object's own, not one that every object has. */
export function memberOf(members: StoredMembers | undefined, name: string): Stored | undefined {
  return members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined;
}

/** What `JSON.parse` gave as values that a store keeps. The caller has looked at its depth. */
export function storedOf(value: unknown): Stored {
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map(storedOf);
  if (typeof value !== "object" || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, storedOf(member)]));
}

/**
 * Whether a JSON value has objects or lists within more than so many others. Level by level, because what is too deep
 * to be written out again is too deep for a recursive look, too.
 */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
}
