import { AwsError } from "../context/context.js";

/** One statement of an AWS IoT policy, single values made lists. */
export interface PolicyStatement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly PolicyCondition[];
}

/** One key of one operator; all conditions of a statement must hold. */
export interface PolicyCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Operators emulated; a policy with another one is refused rather than misread. Case matters, as on AWS. */
const OPERATORS = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "Bool",
  "Null",
];

/**
 * Parses a policy document. [AWS IoT: Policy document elements]
 *
 * @throws AwsError `MalformedPolicy`
 */
export function parsePolicy(text: string): readonly PolicyStatement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed("it is not JSON");
  }
  if (!isObject(document)) throw malformed("it is not an object");
  const version = document.Version;
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") throw malformed("Version");
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  if (statements.length === 0) throw malformed("it has no Statement");
  return statements.map(parseStatement);
}

function parseStatement(statement: unknown): PolicyStatement {
  if (!isObject(statement)) throw malformed("a Statement is not an object");
  const effect = statement.Effect;
  if (effect !== "Allow" && effect !== "Deny") throw malformed("Effect must be Allow or Deny");
  const actions = texts(statement.Action, "Action");
  if (!actions.every((action) => /^(?:\*|iot(?:jobsdata)?:[A-Za-z*?]+)$/.test(action))) {
    throw malformed("an Action is not one of AWS IoT");
  }
  const resources = texts(statement.Resource, "Resource");
  if (!resources.every((resource) => resource === "*" || resource.startsWith("arn:"))) {
    throw malformed("a Resource is no ARN");
  }
  return { effect, actions, resources, conditions: parseConditions(statement.Condition) };
}

function parseConditions(condition: unknown): readonly PolicyCondition[] {
  if (condition === undefined) return [];
  if (!isObject(condition)) throw malformed("Condition is not an object");
  return Object.entries(condition).flatMap(([operator, keys]) => {
    const plain = operator.replace(/^ForA(?:ll|ny)Values?:/, "").replace(/IfExists$/, "");
    if (!OPERATORS.includes(plain)) throw malformed(`condition operator ${operator} is not emulated`);
    if (!isObject(keys)) throw malformed("a Condition is not an object");
    return Object.entries(keys).map(([key, values]) => ({ operator, key, values: texts(values, key) }));
  });
}

function texts(value: unknown, name: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw malformed(`${name} is empty`);
  return list.map((item) => {
    if (typeof item === "boolean") return String(item);
    if (typeof item !== "string" || item === "") throw malformed(`${name} is missing or not a string`);
    return item;
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(why: string): AwsError {
  return new AwsError("MalformedPolicy", `the policy document is malformed: ${why}`);
}
