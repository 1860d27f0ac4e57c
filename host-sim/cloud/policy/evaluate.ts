import type { PolicyCondition, PolicyStatement } from "./document.js";
import { compilePattern, literalText, matchesPattern } from "./wildcards.js";

/** What a client wants to do, and what is known about it. */
export interface PolicyRequest {
  /** Such as `iot:Publish`. */
  readonly action: string;
  /** Such as `arn:aws:iot:us-east-1:123456789012:topic/a/b`. */
  readonly resource: string;
  /**
   * Values of policy variables and condition keys; a key without value is absent. Lists are keys with several values.
   */
  readonly values: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type PolicyDecision = "allowed" | "denied" | "not-allowed";

/**
 * Evaluates all statements of all policies of a certificate: an explicit Deny wins, without an Allow nothing is
 * allowed.
 */
export function evaluatePolicies(statements: readonly PolicyStatement[], request: PolicyRequest): PolicyDecision {
  const applying = statements.filter((statement) => applies(statement, request));
  if (applying.some((statement) => statement.effect === "Deny")) return "denied";
  return applying.some((statement) => statement.effect === "Allow") ? "allowed" : "not-allowed";
}

function applies(statement: PolicyStatement, request: PolicyRequest): boolean {
  return (
    statement.actions.some((action) => fits(action.toLowerCase(), request.action.toLowerCase(), request)) &&
    statement.resources.some((resource) => fits(resource, request.resource, request)) &&
    statement.conditions.every((condition) => holds(condition, request))
  );
}

function fits(text: string, value: string, request: PolicyRequest): boolean {
  const pattern = compilePattern(text, (name) => single(knownValue(request, name)));
  return pattern !== undefined && matchesPattern(pattern, value);
}

/** The names come from policies: only a value of the request's own counts, nothing that every object has. */
function knownValue({ values }: PolicyRequest, name: string): string | readonly string[] | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function holds({ operator, key, values }: PolicyCondition, request: PolicyRequest): boolean {
  const actual = knownValue(request, key);
  const list = actual === undefined ? [] : typeof actual === "string" ? [actual] : actual;
  const plain = operator.replace(/^ForA(?:ll|ny)Values?:/, "").replace(/IfExists$/, "");
  if (plain === "Null") return values.every((value) => (value === "true") === (actual === undefined));
  if (actual === undefined && operator.endsWith("IfExists")) return true;
  const negated = plain.includes("Not");
  const one = (value: string) => {
    const equal = values.some((expected) => compare(plain, expected, value, request));
    return negated ? !equal : equal;
  };
  if (operator.startsWith("ForAll")) return list.every(one);
  // A negated operator holds for an absent key, a positive one does not.
  if (list.length === 0) return negated;
  return list.some(one);
}

function compare(operator: string, expected: string, value: string, request: PolicyRequest): boolean {
  if (operator.endsWith("Like")) return fits(expected, value, request);
  const literal = compilePattern(expected.replace(/[*?]/g, "$${$&}"), (name) => single(knownValue(request, name)));
  if (literal === undefined) return false;
  const ignoreCase = operator.endsWith("IgnoreCase") || operator === "Bool";
  const text = literalText(literal);
  return ignoreCase ? text.toLowerCase() === value.toLowerCase() : text === value;
}
