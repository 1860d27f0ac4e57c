import type { StoredMembers } from "../context/json.js";

/** The two halves of a shadow; a half with nothing in it is absent. */
export type Halves = { readonly desired?: StoredMembers; readonly reported?: StoredMembers };

/** A shadow as the store keeps it. */
export type ShadowRecord = {
  readonly state: Halves;
  /** Of each value in `state`, at the same place, the second in which it was written. */
  readonly metadata: Halves;
  readonly version: number;
  /** Milliseconds since 1970 of the last change. */
  readonly changedAt: number;
};

/** Which shadow: the classic one has no name. */
export type ShadowId = { readonly thingName: string; readonly shadowName?: string | undefined };
