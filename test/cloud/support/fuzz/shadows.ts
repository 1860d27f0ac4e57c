import assert from "node:assert/strict";
import fc from "fast-check";
import { AwsError, type CloudContext } from "../../../../host-sim/cloud/context/context.js";
import { getThingShadow } from "../../../../host-sim/cloud/shadows/operations/get-thing-shadow.js";
import { updateThingShadow } from "../../../../host-sim/cloud/shadows/operations/update-thing-shadow.js";
import { readBody } from "../../../../host-sim/cloud/shadows/request.js";
import { ShadowService } from "../../../../host-sim/cloud/shadows/service.js";
import { memoryStore } from "../../../../host-sim/cloud/store/memory-store.js";
import { textTarget } from "../../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../../support/fuzz/invariants.js";
import { mutatedJson } from "../../../support/fuzz/json.js";

const VALID: readonly unknown[] = [
  { state: { desired: { on: true, list: [1, { a: null }], deep: { a: { b: { c: 1 } } } } }, clientToken: "t" },
  { state: { reported: { on: false, deep: { a: { b: { c: 1, d: 2 } } }, gone: null } }, version: 1 },
  { state: { desired: null, reported: { version: "1.0.2" } } },
  { state: { desired: { on: true }, reported: { on: true } } },
];
const KEYS = ["state", "desired", "reported", "version", "clientToken", "on", "deep", "a"];
const ID = { thingName: "pump" };
const NOW = 1_767_000_000_000;

function service(): ShadowService {
  const context: CloudContext = {
    clock: { now: () => NOW, after: () => () => {} },
    store: memoryStore(),
    region: "us-east-1",
    account: "123456789012",
    random: (byteLength) => new Uint8Array(byteLength),
    log: () => {},
  };
  return new ShadowService({ context, registry: { thing: (thingName) => ({ thingName }) } });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every value has its second at the same place, and nothing else has one. */
function assertStamped(value: unknown, stamps: unknown): void {
  if (Array.isArray(value)) {
    assert(Array.isArray(stamps) && stamps.length === value.length);
    for (const [index, item] of value.entries()) assertStamped(item, stamps[index]);
  } else if (isObject(value)) {
    assert(isObject(stamps));
    assert.deepEqual(Object.keys(stamps).sort(), Object.keys(value).sort());
    for (const [name, member] of Object.entries(value)) assertStamped(member, stamps[name]);
  } else assert.deepEqual(stamps, { timestamp: NOW / 1000 });
}

/** Writing the delta to `reported` leaves nothing to do: what a device that obeys does. */
function assertObeyed(shadows: ShadowService, delta: unknown): void {
  const text = JSON.stringify({ state: { reported: delta } });
  const outcome = outcomeOf(
    () => updateThingShadow(shadows, ID, readBody(Buffer.from(text), false)),
    (error) => (error instanceof AwsError ? error.code : undefined),
  );
  // Both halves together may have become too long.
  if (outcome.kind === "error") return;
  const left = getThingShadow(shadows, ID).state;
  if (!/null|\[|\{\}/.test(text)) assert(!("delta" in left), `${text} leaves ${JSON.stringify(left)}`);
}

export const shadowUpdates = textTarget({
  name: "shadow",
  reads: "updates of shadows given to the local AWS",
  reaches: ["equal", "delta", "InvalidRequest"],
  data: mutatedJson(fc.constantFrom(...VALID), KEYS),
  check: (text) => {
    const shadows = service();
    updateThingShadow(shadows, ID, { state: { reported: { on: false, deep: { a: { b: { c: 2 } } } } } });
    const outcome = outcomeOf(
      () => updateThingShadow(shadows, ID, readBody(Buffer.from(text), false)),
      (error) => (error instanceof AwsError ? error.code : undefined),
    );
    const { state, metadata, version } = getThingShadow(shadows, ID);
    assert.equal(version, outcome.kind === "value" ? 2 : 1, "a refused update changes nothing");
    if (outcome.kind === "error") return outcome.code;
    const { delta, ...halves } = { delta: undefined, ...state };
    assert(Buffer.byteLength(JSON.stringify(halves)) <= 8192);
    assertStamped(halves, metadata);
    if (delta === undefined) return "equal";
    assertObeyed(shadows, delta);
    return "delta";
  },
});
