import assert from "node:assert/strict";
import fc from "fast-check";
import { AwsError } from "../../../../host-sim/cloud/context/context.js";
import { type PolicyStatement, parsePolicy } from "../../../../host-sim/cloud/policy/document.js";
import { evaluatePolicies } from "../../../../host-sim/cloud/policy/evaluate.js";
import { compilePattern, matchesPattern } from "../../../../host-sim/cloud/policy/wildcards.js";
import { textTarget } from "../../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../../support/fuzz/invariants.js";
import { mutatedJson } from "../../../support/fuzz/json.js";
import { mutatedText } from "../../../support/fuzz/mutations.js";

const ARN = "arn:aws:iot:us-east-1:123456789012:";
const VALID: readonly unknown[] = [
  {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "iot:Connect", Resource: `${ARN}client/\${iot:Connection.Thing.ThingName}` },
      { Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: [`${ARN}topic/a/*`, `${ARN}topic/?`] },
      {
        Effect: "Deny",
        Action: "iot:*",
        Resource: "*",
        Condition: {
          StringLike: { "iot:ClientId": ["bad*", "b?d"] },
          Bool: { "iot:Connection.Thing.IsAttached": "false" },
        },
      },
    ],
  },
  { Statement: { Effect: "Allow", Action: "*", Resource: "*", Condition: { Null: { "iot:ClientId": true } } } },
];
const KEYS = [
  ...["Version", "Statement", "Effect", "Action", "Resource", "Condition", "StringEquals", "StringNotLike", "Null"],
  ...["ForAllValues:StringEquals", "ForAnyValue:StringLike", "StringEqualsIfExists", "iot:ClientId"],
];
const REQUEST = {
  action: "iot:Publish",
  resource: `${ARN}topic/a/b`,
  values: {
    "iot:ClientId": "bad",
    "iot:ConnectAttributes": ["PersistentConnect"],
    "iot:Connection.Thing.ThingName": "a*",
  },
};

function decide(statements: readonly PolicyStatement[]): string {
  const decision = evaluatePolicies(statements, REQUEST);
  const denying = statements.map((statement): PolicyStatement => ({ ...statement, effect: "Deny" }));
  assert.notEqual(evaluatePolicies(denying, REQUEST), "allowed", "Deny allows nothing");
  assert.equal(evaluatePolicies([...statements].reverse(), REQUEST), decision, "the order does not count");
  return decision;
}

export const policyDocuments = textTarget({
  name: "policy",
  reads: "policy documents given to the local AWS",
  reaches: ["allowed", "not-allowed", "MalformedPolicy"],
  data: mutatedJson(fc.constantFrom(...VALID), KEYS),
  check: (text) => {
    const outcome = outcomeOf(
      () => parsePolicy(text),
      (error) => (error instanceof AwsError ? error.code : undefined),
    );
    if (outcome.kind === "value") return decide(outcome.value);
    assert.equal(outcome.code, "MalformedPolicy");
    return outcome.code;
  },
});

type Part = string | { readonly any: "text" | "character" };

/** By the words of the documentation, with a table instead of a search: its work is pattern times text. */
function fits(parts: readonly Part[], text: string): boolean {
  const characters = [...text];
  let reached = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    if (typeof part !== "string" && part.any === "text") {
      for (let at = Math.min(...reached); at <= characters.length; at++) next.add(at);
    } else {
      const literal = typeof part === "string" ? [...part] : undefined;
      for (const at of reached) {
        if (literal === undefined) {
          if (at < characters.length) next.add(at + 1);
        } else if (literal.every((character, index) => characters[at + index] === character))
          next.add(at + literal.length);
      }
    }
    if (next.size === 0) return false;
    reached = next;
  }
  return reached.has(characters.length);
}

/** A policy variable as it is written. */
const variable = (name: string): string => `\${${name}}`;

const wildcards = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "/", "*", "?", variable("name"), variable("*"), "."), { maxLength: 7 }),
    fc.array(fc.constantFrom("a", "b", "/", "*", "?", "."), { maxLength: 12 }),
  )
  .map(([pattern, text]) => `${pattern.join("")}\n${text.join("")}`);

export const policyPatterns = textTarget({
  name: "policy-pattern",
  reads: "wildcards of policies and the topics they are held against (two, one a line)",
  reaches: ["fits", "differs", "no value"],
  // Few edits: one that repeats a star three hundred times is a matter of speed, which this target cannot judge.
  data: mutatedText(wildcards, { tokens: [variable("").slice(0, 2), "}", "$", variable("none")], most: 1 }).filter(
    (text) => text.length < 60,
  ),
  check: (input) => {
    const [text = "", topic = ""] = input.split("\n");
    const pattern = compilePattern(text, (name) => (name === "name" ? "a*b" : undefined));
    if (pattern === undefined) return "no value";
    const parts = pattern.map((part): Part => {
      if (typeof part === "string") return part;
      return { any: String(part) === "Symbol(*)" ? "text" : "character" };
    });
    const found = matchesPattern(pattern, topic);
    assert.equal(found, fits(parts, topic), `${text} and ${topic}`);
    return found ? "fits" : "differs";
  },
});
