import type { Stored } from "../context/context.js";
import { isMembers, type StoredMembers } from "../context/json.js";
import type { ThingRecord } from "../iot/records.js";
import type { Presence } from "../presence/presence-book.js";
import { deltaOf } from "../shadows/delta.js";
import type { ShadowRecord } from "../shadows/record.js";
import type { IndexFields, IndexValue } from "./query/matches.js";

/** What there is to know of a thing; what is not indexed is left out. */
export interface ThingFacts {
  readonly thing: ThingRecord;
  readonly thingGroupNames: readonly string[];
  readonly classicShadow?: ShadowRecord | undefined;
  readonly namedShadows: ReadonlyMap<string, ShadowRecord>;
  /** Null for a thing that never connected. */
  readonly presence?: Presence | null;
}

/** A thing in the index. */
export interface IndexedThing {
  readonly thingName: string;
  /** As SearchIndex gives it. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly fields: IndexFields;
}

/** Puts together what is searched and what is shown. [AWS IoT: ThingDocument] */
export function indexedThing(facts: ThingFacts): IndexedThing {
  const { thing, thingGroupNames, presence } = facts;
  const { thingName, thingId, thingTypeName, attributes } = thing;
  const shadow = shadowsOf(facts);
  const connectivity = presence === undefined ? undefined : connectivityOf(presence);
  const fields = new FieldCollector();
  fields.add("thingName", thingName);
  fields.add("thingId", thingId);
  if (thingTypeName !== undefined) fields.add("thingTypeName", thingTypeName);
  for (const group of thingGroupNames) fields.add("thingGroupNames", group);
  for (const [name, value] of Object.entries(attributes)) fields.add(`attributes.${name}`, value);
  fields.add("registry.version", thing.version);
  if (shadow !== undefined) fields.addAll("shadow", shadow);
  if (connectivity !== undefined) fields.addAll("connectivity", connectivity);
  return {
    thingName,
    document: {
      thingName,
      thingId,
      ...(thingTypeName === undefined ? {} : { thingTypeName }),
      ...(thingGroupNames.length === 0 ? {} : { thingGroupNames }),
      attributes,
      ...(shadow === undefined ? {} : { shadow: JSON.stringify(shadow) }),
      ...(connectivity === undefined ? {} : { connectivity }),
    },
    fields: fields.fields,
  };
}

function connectivityOf(presence: Presence | null): StoredMembers {
  if (presence === null) return { connected: false };
  const { connected, timestamp, disconnectReason } = presence;
  return { connected, timestamp, ...(disconnectReason === undefined ? {} : { disconnectReason }) };
}

function shadowsOf({ classicShadow, namedShadows }: ThingFacts): StoredMembers | undefined {
  if (classicShadow === undefined && namedShadows.size === 0) return undefined;
  const named = Array.from(namedShadows, ([name, shadow]): [string, Stored] => [name, shadowOf(shadow)]);
  return {
    ...(classicShadow === undefined ? {} : shadowOf(classicShadow)),
    ...(named.length === 0 ? {} : { name: Object.fromEntries(named) }),
  };
}

function shadowOf(shadow: ShadowRecord): StoredMembers {
  const delta = deltaOf(shadow);
  return {
    ...shadow.state,
    ...(delta === undefined ? {} : { delta: delta.state }),
    metadata: { ...shadow.metadata, ...(delta === undefined ? {} : { delta: delta.metadata }) },
    hasDelta: delta !== undefined,
    version: shadow.version,
  };
}

/** The values of each field: members by their path, all items of a list under one. */
class FieldCollector {
  readonly fields = new Map<string, IndexValue[]>();

  add(path: string, value: IndexValue): void {
    const values = this.fields.get(path);
    if (values === undefined) this.fields.set(path, [value]);
    else values.push(value);
  }

  addAll(path: string, value: Stored): void {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") this.add(path, value);
    else if (isMembers(value)) {
      for (const [name, member] of Object.entries(value)) this.addAll(`${path}.${name}`, member ?? null);
    } else if (Array.isArray(value)) for (const item of value) this.addAll(path, item);
  }
}
