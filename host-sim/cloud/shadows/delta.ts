import { isDeepStrictEqual } from "node:util";
import type { Stored } from "../context/context.js";
import { isMembers, memberOf, type StoredMembers } from "../context/json.js";
import type { ShadowRecord } from "./record.js";

/** What a device still has to do, with the metadata of who wants it. */
export interface Delta {
  readonly state: StoredMembers;
  readonly metadata: StoredMembers;
}

/**
 * What is desired and not, or not so, reported; undefined when there is nothing. What is only reported does not count,
 * and lists are equal or not as a whole. Pure. [AWS IoT: Simulating the Device Shadow service, delta state]
 */
export function deltaOf({ state: { desired, reported }, metadata }: ShadowRecord): Delta | undefined {
  if (desired === undefined) return undefined;
  const state = difference(desired, reported);
  if (Object.keys(state).length === 0) return undefined;
  return { state, metadata: placesOf(state, metadata.desired) };
}

function difference(desired: StoredMembers, reported: StoredMembers | undefined): StoredMembers {
  const found: [string, Stored][] = [];
  for (const [name, wanted] of Object.entries(desired)) {
    const actual = memberOf(reported, name);
    if (wanted === undefined) continue;
    if (isMembers(wanted) && isMembers(actual)) {
      const inner = difference(wanted, actual);
      if (Object.keys(inner).length > 0) found.push([name, inner]);
    } else if (!isDeepStrictEqual(wanted, actual)) found.push([name, wanted]);
  }
  return Object.fromEntries(found);
}

/** Of `metadata` what belongs to the values of `state`. */
function placesOf(state: StoredMembers, metadata: StoredMembers | undefined): StoredMembers {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => {
      const stamps = memberOf(metadata, name);
      return [name, isMembers(value) && isMembers(stamps) ? placesOf(value, stamps) : stamps];
    }),
  );
}
