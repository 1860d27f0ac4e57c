import { AwsError } from "./context.js";

/**
 * Members of an operation's input, which comes from outside: labels, query texts and JSON. Every function throws
 * `InvalidRequest` naming the member. `null` counts as absent, as devices send it so.
 */
export type OperationInput = Readonly<Record<string, unknown>>;

export function invalidRequest(message: string): AwsError {
  return new AwsError("InvalidRequest", message);
}

function present(input: OperationInput, name: string): unknown {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  return value === null ? undefined : value;
}

export interface TextRule {
  readonly pattern?: RegExp;
  readonly maxLength?: number;
}

export function optionalText(input: OperationInput, name: string, rule: TextRule = {}): string | undefined {
  const value = present(input, name);
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw invalidRequest(`${name} must be a string`);
  if (rule.maxLength !== undefined && value.length > rule.maxLength) {
    throw invalidRequest(`${name} must have at most ${rule.maxLength} characters`);
  }
  if (rule.pattern !== undefined && !rule.pattern.test(value)) {
    throw invalidRequest(`${name} must match ${rule.pattern.source}`);
  }
  return value;
}

export function requiredText(input: OperationInput, name: string, rule: TextRule = {}): string {
  const value = optionalText(input, name, rule);
  if (value === undefined) throw invalidRequest(`${name} is required`);
  return value;
}

/** @param choices the allowed texts, case-sensitive. */
export function optionalChoice<T extends string>(
  input: OperationInput,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = optionalText(input, name);
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalidRequest(`${name} must be one of ${choices.join(", ")}`);
  return choice;
}

export interface NumberRule {
  readonly min: number;
  readonly max: number;
  /** Digits allowed after the decimal point; 0 by default. */
  readonly decimals?: number;
  /** Whether a number in a string counts: query parameters, and `expectedVersion` of many devices. */
  readonly text?: boolean;
}

export function optionalNumber(input: OperationInput, name: string, rule: NumberRule): number | undefined {
  const value = present(input, name);
  if (value === undefined) return undefined;
  const number = rule.text && typeof value === "string" && /^-?\d{1,19}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw invalidRequest(`${name} must be a number`);
  const scaled = number * 10 ** (rule.decimals ?? 0);
  if (Math.abs(scaled - Math.round(scaled)) > 1e-6) {
    throw invalidRequest(`${name} must have at most ${rule.decimals ?? 0} decimals`);
  }
  if (number < rule.min || number > rule.max) throw invalidRequest(`${name} must be ${rule.min} to ${rule.max}`);
  return number;
}

export function requiredNumber(input: OperationInput, name: string, rule: NumberRule): number {
  const value = optionalNumber(input, name, rule);
  if (value === undefined) throw invalidRequest(`${name} is required`);
  return value;
}

/** `true`, `false`, or the same as query text. */
export function optionalFlag(input: OperationInput, name: string): boolean | undefined {
  const value = present(input, name);
  if (value === undefined) return undefined;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw invalidRequest(`${name} must be true or false`);
}

export function isObject(value: unknown): value is OperationInput {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function optionalObject(input: OperationInput, name: string): OperationInput | undefined {
  const value = present(input, name);
  if (value === undefined) return undefined;
  if (!isObject(value)) throw invalidRequest(`${name} must be an object`);
  return value;
}

export function optionalList(input: OperationInput, name: string): readonly unknown[] | undefined {
  const value = present(input, name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw invalidRequest(`${name} must be a list`);
  return value;
}

/** `T` with the members that may be undefined made optional. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Copies the members that are not undefined: an optional member of a record is absent, never undefined. */
export function definedMembers<T extends object>(source: T): Defined<T> {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined)) as Defined<T>;
}
