import {
  definedMembers,
  invalidRequest,
  isObject,
  type OperationInput,
  optionalChoice,
  optionalList,
  optionalObject,
  requiredText,
} from "../context/fields.js";
import { SHADOW_NAME } from "../shadows/limits.js";

/** Type of a field that aggregations may be over. */
export type FieldType = "Number" | "String" | "Boolean";
export type IndexedField = { readonly name: string; readonly type: FieldType };

/** What is indexed. [AWS IoT: Managing thing indexing] */
export type IndexingConfiguration = {
  readonly thingIndexingMode: "OFF" | "REGISTRY" | "REGISTRY_AND_SHADOW";
  readonly thingConnectivityIndexingMode: "OFF" | "STATUS";
  readonly namedShadowIndexingMode: "OFF" | "ON";
  readonly namedShadowNames: readonly string[];
  readonly customFields: readonly IndexedField[];
};

/** As every account begins. */
export const NO_INDEXING: IndexingConfiguration = Object.freeze({
  thingIndexingMode: "OFF",
  thingConnectivityIndexingMode: "OFF",
  namedShadowIndexingMode: "OFF",
  namedShadowNames: [],
  customFields: [],
});

const MAX_SHADOW_NAMES = 10;
const MAX_CUSTOM_FIELDS = 5;
const MAX_FIELD_NAME_LENGTH = 1024;

/** The configuration in a request; it takes the place of the one before. @throws AwsError `InvalidRequest` */
export function readConfiguration(input: OperationInput): IndexingConfiguration {
  const thingIndexingMode = optionalChoice(input, "thingIndexingMode", [
    "OFF",
    "REGISTRY",
    "REGISTRY_AND_SHADOW",
  ] as const);
  if (thingIndexingMode === undefined) throw invalidRequest("thingIndexingMode is required");
  const filter = optionalObject(input, "filter") ?? {};
  refuse(
    optionalChoice(input, "deviceDefenderIndexingMode", ["OFF", "VIOLATIONS"] as const) === "VIOLATIONS",
    "VIOLATIONS",
  );
  refuse((optionalList(filter, "geoLocations") ?? []).length > 0, "geoLocations");
  refuse(optionalObject(filter, "connectivity") !== undefined, "filter.connectivity");
  const configuration: IndexingConfiguration = {
    thingIndexingMode,
    thingConnectivityIndexingMode:
      optionalChoice(input, "thingConnectivityIndexingMode", ["OFF", "STATUS"] as const) ?? "OFF",
    namedShadowIndexingMode: optionalChoice(input, "namedShadowIndexingMode", ["OFF", "ON"] as const) ?? "OFF",
    namedShadowNames: shadowNames(filter),
    customFields: (optionalList(input, "customFields") ?? []).map(customField),
  };
  check(configuration);
  return configuration;
}

function refuse(isAsked: boolean, what: string): void {
  if (isAsked) throw invalidRequest(`${what} is not emulated by the local cloud`);
}

function check(configuration: IndexingConfiguration): void {
  const { thingIndexingMode, thingConnectivityIndexingMode, namedShadowIndexingMode } = configuration;
  const asksMore = thingConnectivityIndexingMode !== "OFF" || namedShadowIndexingMode !== "OFF";
  if (thingIndexingMode === "OFF" && asksMore) throw invalidRequest("thingIndexingMode is OFF, other modes are not");
  if (namedShadowIndexingMode === "ON" && configuration.namedShadowNames.length === 0) {
    throw invalidRequest("namedShadowIndexingMode ON needs filter.namedShadowNames");
  }
  if (configuration.customFields.length > MAX_CUSTOM_FIELDS) {
    throw invalidRequest(`there are more than ${MAX_CUSTOM_FIELDS} custom fields`);
  }
}

function shadowNames(filter: OperationInput): readonly string[] {
  const names = optionalList(filter, "namedShadowNames") ?? [];
  if (names.length > MAX_SHADOW_NAMES) throw invalidRequest(`there are more than ${MAX_SHADOW_NAMES} shadow names`);
  return names.map((name) => {
    if (typeof name === "string" && SHADOW_NAME.test(name)) return name;
    throw invalidRequest("namedShadowNames has what is no name of a shadow");
  });
}

function customField(field: unknown): IndexedField {
  if (!isObject(field)) throw invalidRequest("customFields must hold objects");
  const name = requiredText(field, "name", { maxLength: MAX_FIELD_NAME_LENGTH });
  const type = optionalChoice(field, "type", ["Number", "String", "Boolean"] as const);
  if (type === undefined) throw invalidRequest("a custom field has no type");
  if (!/^(?:attributes|shadow)\../.test(name)) throw invalidRequest(`${name.slice(0, 200)} cannot be a custom field`);
  return { name, type };
}

/** Fields that aggregations may be over without being asked for. */
export function managedFields(configuration: IndexingConfiguration): readonly IndexedField[] {
  const { thingIndexingMode, thingConnectivityIndexingMode } = configuration;
  if (thingIndexingMode === "OFF") return [];
  return [
    { name: "registry.version", type: "Number" },
    { name: "registry.thingTypeName", type: "String" },
    { name: "registry.thingGroupNames", type: "String" },
    { name: "thingName", type: "String" },
    { name: "thingId", type: "String" },
    ...(thingIndexingMode === "REGISTRY_AND_SHADOW"
      ? [{ name: "shadow.version", type: "Number" } as const, { name: "shadow.hasDelta", type: "Boolean" } as const]
      : []),
    ...(thingConnectivityIndexingMode === "STATUS"
      ? [
          { name: "connectivity.connected", type: "Boolean" } as const,
          { name: "connectivity.timestamp", type: "Number" } as const,
          { name: "connectivity.disconnectReason", type: "String" } as const,
        ]
      : []),
  ];
}

/** As GetIndexingConfiguration tells it. */
export function configurationOutput(configuration: IndexingConfiguration) {
  const { namedShadowNames, customFields, ...modes } = configuration;
  const managed = managedFields(configuration);
  return definedMembers({
    ...modes,
    deviceDefenderIndexingMode: "OFF",
    managedFields: managed.length === 0 ? undefined : managed,
    customFields: customFields.length === 0 ? undefined : customFields,
    filter: namedShadowNames.length === 0 ? undefined : { namedShadowNames },
  });
}
