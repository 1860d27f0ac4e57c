/** SDK `mc/config`: the merged `config` sections of the manifests, frozen. */
import { callHost } from "./host.js";

function deepFrozen(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) deepFrozen(part);
    Object.freeze(value);
  }
  return value;
}

const value = callHost("config");

// Through JSON in any case: a plain copy in this realm.
export default deepFrozen(JSON.parse(typeof value === "string" ? value : (JSON.stringify(value) ?? "{}")));
