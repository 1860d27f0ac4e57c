import assert from "node:assert/strict";
import fc from "fast-check";
import { AwsError } from "../../../../host-sim/cloud/context/context.js";
import { type IndexFields, type IndexValue, matchesQuery } from "../../../../host-sim/cloud/indexing/query/matches.js";
import type { QueryNode } from "../../../../host-sim/cloud/indexing/query/node.js";
import { parseQuery } from "../../../../host-sim/cloud/indexing/query/parse.js";
import { textTarget } from "../../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../../support/fuzz/invariants.js";
import { mutatedText } from "../../../support/fuzz/mutations.js";

const VALID = [
  "*",
  "thingName:pump*",
  "thingName:(pump* AND -valve) OR NOT attributes.place:hall",
  'attributes.place:"hall two" connectivity.connected:true',
  "shadow.reported.heap:[100 TO 5000} AND shadow.reported.heap >= 200",
  "shadow.name.$package.reported.fw.version:1.0.? OR thingGroupNames:hall\\:2",
];
const TOKENS = [
  "(",
  ")",
  ":",
  "-",
  "*",
  "?",
  " AND ",
  " OR ",
  " NOT ",
  " TO ",
  "[",
  "]",
  '"',
  "\\",
  ">",
  "<=",
  "thingName",
];
const THINGS: readonly IndexFields[] = [
  [["thingName", ["pump-7"]]] as const,
  [
    ["thingName", ["valve"]],
    ["attributes.place", ["Hall two"]],
    ["shadow.reported.heap", [300, -1.5]],
    ["connectivity.connected", [true]],
  ] as const,
].map((entries) => new Map<string, readonly IndexValue[]>(entries));

/** What a query says is the same however it is put together. */
function assertAlgebra(node: QueryNode, fields: IndexFields): boolean {
  const found = matchesQuery(node, fields);
  assert.equal(matchesQuery({ kind: "not", node }, fields), !found);
  assert.equal(matchesQuery({ kind: "and", nodes: [node, { kind: "all" }] }, fields), found);
  assert.equal(matchesQuery({ kind: "or", nodes: [node, node] }, fields), found);
  return found;
}

function leaves(node: QueryNode): number {
  if (node.kind === "and" || node.kind === "or") return node.nodes.reduce((sum, one) => sum + leaves(one), 0);
  if (node.kind === "not") return leaves(node.node);
  return node.kind === "all" ? 0 : 1;
}

export const indexQueries = textTarget({
  name: "index-query",
  reads: "queries of the fleet index of the local AWS",
  reaches: ["all", "some", "none", "InvalidQuery"],
  data: mutatedText(fc.constantFrom(...VALID), { tokens: TOKENS, most: 4 }),
  check: (text) => {
    const outcome = outcomeOf(
      () => parseQuery(text),
      (error) => (error instanceof AwsError ? error.code : undefined),
    );
    if (outcome.kind === "error") return outcome.code;
    const node = outcome.value;
    assert(leaves(node) <= 12, "more terms than AWS takes");
    const found = THINGS.filter((fields) => assertAlgebra(node, fields)).length;
    // In parentheses it says the same, where there is room for them.
    const again = text.length > 90 ? node : parseQuery(`(${text})`);
    assert.equal(THINGS.filter((fields) => matchesQuery(again, fields)).length, found, text);
    return found === THINGS.length ? "all" : found === 0 ? "none" : "some";
  },
});
