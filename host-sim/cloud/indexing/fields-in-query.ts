import type { IndexingConfiguration } from "./configuration.js";
import type { QueryNode } from "./query/node.js";
import { invalidQuery } from "./query/tokens.js";

/** Registry fields that need no dot. */
const PLAIN = ["thingName", "thingId", "thingTypeName", "thingGroupNames", "registry.version"];
const CONNECTIVITY = ["connected", "timestamp", "disconnectReason"];

/**
 * Refuses fields that are not indexed: a query over them would find nothing, and that would be believed.
 *
 * @throws AwsError `InvalidQuery`
 */
export function checkFields(node: QueryNode, configuration: IndexingConfiguration): void {
  if (node.kind === "and" || node.kind === "or") for (const one of node.nodes) checkFields(one, configuration);
  else if (node.kind === "not") checkFields(node.node, configuration);
  else if ((node.kind === "term" || node.kind === "range") && node.field !== undefined) {
    if (!isIndexed(node.field, configuration)) throw invalidQuery(`${node.field} is not a field of the index`);
  }
}

function isIndexed(field: string, configuration: IndexingConfiguration): boolean {
  if (PLAIN.includes(field)) return true;
  const [root, second = "", ...rest] = field.split(".");
  if (second === "") return false;
  if (root === "attributes") return true;
  if (root === "connectivity") {
    return configuration.thingConnectivityIndexingMode === "STATUS" && CONNECTIVITY.includes(second);
  }
  if (root !== "shadow") return false;
  if (second === "name") {
    const isOn = configuration.namedShadowIndexingMode === "ON";
    return isOn && configuration.namedShadowNames.includes(rest[0] ?? "") && isShadowField(rest.slice(1));
  }
  return configuration.thingIndexingMode === "REGISTRY_AND_SHADOW" && isShadowField([second, ...rest]);
}

function isShadowField([section = "", ...rest]: readonly string[]): boolean {
  if (section === "hasDelta") return rest.length === 0;
  return ["desired", "reported", "delta", "metadata"].includes(section) && rest.length > 0;
}
