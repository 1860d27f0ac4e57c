import type { Stored } from "../context/context.js";
import { CERTIFICATE_STATUSES, type CertificateStatus } from "../context/registry.js";

/** What the store keeps of each resource of service `iot`. Times are milliseconds since 1970. */
export interface ThingRecord {
  readonly thingName: string;
  readonly thingId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly thingTypeName?: string;
  readonly version: number;
}
export interface GroupRecord {
  readonly thingGroupName: string;
  readonly thingGroupId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly parentGroupName?: string;
  readonly createdAt: number;
  readonly version: number;
}
export interface CertificateRecord {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly status: CertificateStatus;
  readonly createdAt: number;
  readonly modifiedAt: number;
}
export interface PolicyRecord {
  readonly policyName: string;
  readonly policyDocument: string;
  readonly createdAt: number;
}

interface Members {
  readonly [member: string]: Stored | undefined;
}

function members(value: Stored | undefined): Members | undefined {
  return typeof value === "object" && value !== null && !isArray(value) ? value : undefined;
}
function isArray(value: object): value is readonly Stored[] {
  return Array.isArray(value);
}
const textOf = (value: Stored | undefined) => (typeof value === "string" ? value : "");
const numberOf = (value: Stored | undefined) => (typeof value === "number" ? value : 0);
function textsOf(value: Stored | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, item] of Object.entries(members(value) ?? {})) if (typeof item === "string") result[key] = item;
  return result;
}

export function readThing(value: Stored | undefined): ThingRecord | undefined {
  const m = members(value);
  if (m === undefined) return undefined;
  return {
    thingName: textOf(m.thingName),
    thingId: textOf(m.thingId),
    attributes: textsOf(m.attributes),
    ...(typeof m.thingTypeName === "string" ? { thingTypeName: m.thingTypeName } : {}),
    version: numberOf(m.version),
  };
}

export function readGroup(value: Stored | undefined): GroupRecord | undefined {
  const m = members(value);
  if (m === undefined) return undefined;
  return {
    thingGroupName: textOf(m.thingGroupName),
    thingGroupId: textOf(m.thingGroupId),
    attributes: textsOf(m.attributes),
    ...(typeof m.description === "string" ? { description: m.description } : {}),
    ...(typeof m.parentGroupName === "string" ? { parentGroupName: m.parentGroupName } : {}),
    createdAt: numberOf(m.createdAt),
    version: numberOf(m.version),
  };
}

export function readCertificate(value: Stored | undefined): CertificateRecord | undefined {
  const m = members(value);
  if (m === undefined) return undefined;
  return {
    certificateId: textOf(m.certificateId),
    certificatePem: textOf(m.certificatePem),
    status: CERTIFICATE_STATUSES.find((status) => status === m.status) ?? "INACTIVE",
    createdAt: numberOf(m.createdAt),
    modifiedAt: numberOf(m.modifiedAt),
  };
}

export function readPolicy(value: Stored | undefined): PolicyRecord | undefined {
  const m = members(value);
  if (m === undefined) return undefined;
  return {
    policyName: textOf(m.policyName),
    policyDocument: textOf(m.policyDocument),
    createdAt: numberOf(m.createdAt),
  };
}
