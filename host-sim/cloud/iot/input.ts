import { AwsError } from "../context/context.js";
import { THING_NAME } from "../context/thing-name.js";

/** Path labels, query parameters, header members and body members of a call, merged under the API's member names. */
export type IotInput = Readonly<Record<string, unknown>>;

const MAX_NAME_LENGTH = 128; // AWS IoT: thing, thing group and policy names

/** A member of the input's own, not one that every object has. */
function memberOf(input: IotInput, member: string): unknown {
  return Object.hasOwn(input, member) ? input[member] : undefined;
}

function invalid(member: string, what: string): AwsError {
  return new AwsError("InvalidRequest", `${member} ${what}`);
}

/** A text that may be absent. */
export function optionalText(input: IotInput, member: string): string | undefined {
  const value = memberOf(input, member);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(member, "must be a string");
  return value;
}

export function text(input: IotInput, member: string, maxLength = Number.POSITIVE_INFINITY): string {
  const value = optionalText(input, member);
  if (value === undefined || value === "") throw invalid(member, "is required");
  if (value.length > maxLength) throw invalid(member, `must have at most ${maxLength} characters`);
  return value;
}

function name(input: IotInput, member: string, pattern: RegExp): string {
  const value = text(input, member);
  if (value.length > MAX_NAME_LENGTH || !pattern.test(value)) throw invalid(member, "is not a valid name");
  return value;
}

/** A thing or thing group name: 1...128 of `[a-zA-Z0-9:_-]`. */
export function thingName(
  input: IotInput,
  member: "thingName" | "thingGroupName" | "parentGroupName" = "thingName",
): string {
  return name(input, member, THING_NAME);
}

/** A policy name: 1...128 of `[\w+=,.@-]`. */
export function policyName(input: IotInput): string {
  return name(input, "policyName", /^[\w+=,.@-]+$/);
}

/** Accepts a boolean or the query texts `true` and `false`. */
export function flag(input: IotInput, member: string): boolean {
  const value = memberOf(input, member);
  if (value === undefined || value === null || value === false || value === "false") return false;
  if (value === true || value === "true") return true;
  throw invalid(member, "must be true or false");
}

/** A whole number, also as a query text. */
export function optionalInteger(input: IotInput, member: string, min: number, max: number): number | undefined {
  const value = memberOf(input, member);
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) throw invalid(member, "must be a whole number");
  if (number < min || number > max) throw invalid(member, `must be ${min}...${max}`);
  return number;
}

export function optionalRecord(input: IotInput, member: string): IotInput | undefined {
  const value = memberOf(input, member);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(member, "must be an object");
  return { ...value };
}

/** `attributePayload.attributes` of things and groups. */
export function attributesIn(payload: IotInput | undefined): Record<string, string> {
  const result = new Map<string, string>();
  const attributes = payload === undefined ? undefined : optionalRecord(payload, "attributes");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value !== "string") throw invalid(`attributes.${key.slice(0, 128)}`, "must be a string");
    if (!/^[a-zA-Z0-9_.,@/:#=\-[\]]{1,128}$/.test(key) || !/^[a-zA-Z0-9_.,@/:#=\-[\]]{0,800}$/.test(value)) {
      throw invalid(`attributes.${key.slice(0, 128)}`, "has characters that are not allowed");
    }
    result.set(key, value);
  }
  return Object.fromEntries(result);
}
