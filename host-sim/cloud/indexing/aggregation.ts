import { AwsError } from "../context/context.js";
import { type OperationInput, optionalText } from "../context/fields.js";
import { type IndexedField, managedFields } from "./configuration.js";
import type { IndexValue } from "./query/matches.js";
import { queryIn } from "./query-input.js";
import { type IndexingService, THINGS_INDEX } from "./service.js";

/** What an aggregation is over. */
export interface Aggregated {
  /** Things that fit the query. */
  readonly total: number;
  readonly type: IndexedField["type"];
  /** Their values of the field, those of another type left out. */
  readonly values: readonly IndexValue[];
}

/** Names of registry fields in aggregations, and in the index. */
const REGISTRY_FIELDS: Readonly<Record<string, string>> = Object.freeze({
  "registry.thingTypeName": "thingTypeName",
  "registry.thingGroupNames": "thingGroupNames",
});

/**
 * The values of `aggregationField` of the things that fit: it has to be a managed or a custom field. [AWS IoT: Querying
 * for aggregate data]
 *
 * @throws AwsError `InvalidRequest`, `InvalidAggregation` and what a search throws
 */
export function aggregated(service: IndexingService, input: OperationInput, usual?: string): Aggregated {
  const name = optionalText(input, "aggregationField") ?? usual;
  if (name === undefined || name === "") throw new AwsError("InvalidRequest", "aggregationField is required");
  const query = queryIn(input);
  const indexName = optionalText(input, "indexName") ?? THINGS_INDEX;
  service.status(indexName);
  const { configuration } = service;
  const field = [...managedFields(configuration), ...configuration.customFields].find((one) => one.name === name);
  if (field === undefined) {
    const what = `${name.slice(0, 200)} is neither a managed nor a custom field of the index`;
    throw new AwsError("InvalidAggregation", what);
  }
  const things = [...service.search(indexName, query)];
  const path = REGISTRY_FIELDS[name] ?? name;
  const values = things.flatMap(({ fields }) => (fields.get(path) ?? []).flatMap((value) => typed(value, field.type)));
  return { total: things.length, type: field.type, values };
}

/** Attributes are texts, whatever is in them. */
function typed(value: IndexValue, type: IndexedField["type"]): readonly IndexValue[] {
  if (type === "String") return typeof value === "string" ? [value] : [];
  if (type === "Boolean") {
    if (value === "true" || value === "false") return [value === "true"];
    return typeof value === "boolean" ? [value] : [];
  }
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? [number] : [];
}
