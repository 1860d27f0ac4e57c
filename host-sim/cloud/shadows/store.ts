import type { CloudStore, Stored } from "../context/context.js";
import { isMembers, memberOf, type StoredMembers } from "../context/json.js";
import type { Halves, ShadowId, ShadowRecord } from "./record.js";

/** Where a thing's classic shadow stands among its named ones: no shadow can have this name. */
const CLASSIC = "";

/** Shadows, and the versions of those that were deleted: a shadow that is made anew goes on counting. */
export class ShadowStore {
  readonly #store: CloudStore;

  constructor(store: CloudStore) {
    this.#store = store;
  }

  shadow(id: ShadowId): ShadowRecord | undefined {
    return readShadow(this.#store.get(keyOf("shadow", id)));
  }

  put(id: ShadowId, shadow: ShadowRecord): void {
    this.#store.put(keyOf("shadow", id), shadow);
    this.#store.remove(keyOf("deleted-shadow", id));
  }

  remove(id: ShadowId, version: number): void {
    this.#store.remove(keyOf("shadow", id));
    this.#store.put(keyOf("deleted-shadow", id), version);
  }

  /** Version of the shadow, or of the last one of that name; 0 when there never was one. */
  version(id: ShadowId): number {
    const deleted = this.#store.get(keyOf("deleted-shadow", id));
    return this.shadow(id)?.version ?? (typeof deleted === "number" ? deleted : 0);
  }

  /** All shadows of a thing, the classic one without name. */
  *shadowsOf(thingName: string): Iterable<{ readonly shadowName?: string; readonly shadow: ShadowRecord }> {
    for (const { key, value } of this.#store.list(["shadows", "shadow", thingName])) {
      const shadow = readShadow(value);
      const shadowName = key[3] ?? CLASSIC;
      if (shadow !== undefined) yield shadowName === CLASSIC ? { shadow } : { shadowName, shadow };
    }
  }
}

function keyOf(kind: "shadow" | "deleted-shadow", { thingName, shadowName = CLASSIC }: ShadowId): readonly string[] {
  return ["shadows", kind, thingName, shadowName];
}

function readShadow(value: Stored | undefined): ShadowRecord | undefined {
  if (!isMembers(value)) return undefined;
  const { state, metadata, version, changedAt } = value;
  return {
    state: halvesOf(state),
    metadata: halvesOf(metadata),
    version: typeof version === "number" ? version : 0,
    changedAt: typeof changedAt === "number" ? changedAt : 0,
  };
}

function halvesOf(value: Stored | undefined): Halves {
  const halves = isMembers(value) ? value : {};
  const half = (name: "desired" | "reported"): { [half: string]: StoredMembers } => {
    const members = memberOf(halves, name);
    return isMembers(members) ? { [name]: members } : {};
  };
  return { ...half("desired"), ...half("reported") };
}
