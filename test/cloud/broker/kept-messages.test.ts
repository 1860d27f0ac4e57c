import assert from "node:assert/strict";
import { StorePersistence } from "../../../host-sim/cloud/broker/store-persistence.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";

const MAX_BYTES = 10_000;

type Kept = Parameters<StorePersistence["storeRetained"]>[0];

function message(topic: string, byteLength: number, messageId?: number): Kept {
  const payload = Buffer.alloc(byteLength, 1);
  const packet = { cmd: "publish" as const, topic, payload, qos: 1 as const, retain: true, dup: false };
  return {
    ...packet,
    brokerId: "b",
    brokerCounter: 1,
    ...(messageId === undefined ? {} : { messageId }),
  } as Kept;
}

describe("messages that the broker keeps", () => {
  const open = (store = memoryStore()) =>
    new StorePersistence(store, () => true, { now: () => 0, maxKeptBytes: MAX_BYTES });

  it("have a bound together, and give their room back", async () => {
    const kept = open();
    for (let index = 0; index < 50; index++) await kept.storeRetained(message(`t/${index}`, 1000));
    const full = kept.keptBytes;
    assert(full > MAX_BYTES - 1300 && full <= MAX_BYTES, String(full));
    await kept.outgoingEnqueue({ clientId: "pump" }, message("t", 1000));
    assert.equal(kept.keptBytes, full);
    for (let index = 0; index < 50; index++) await kept.storeRetained(message(`t/${index}`, 0));
    assert.equal(kept.keptBytes, 0);
    await kept.outgoingEnqueue({ clientId: "pump" }, message("t", 1000, 7));
    await kept.outgoingEnqueue({ clientId: "pump" }, message("t", 1000, 8));
    await kept.outgoingClearMessageId({ id: "pump" }, { messageId: 7 });
    kept.discard("pump");
    assert.equal(kept.keptBytes, 0);
  });

  it("count once when a retained one is replaced", async () => {
    const kept = open();
    for (let index = 0; index < 50; index++) await kept.storeRetained(message("t", 5000 + index));
    assert(kept.keptBytes < 5400, String(kept.keptBytes));
  });

  it("count again after a start over the same store", async () => {
    const store = memoryStore();
    const before = open(store);
    await before.storeRetained(message("t", 3000));
    await before.outgoingEnqueue({ clientId: "pump" }, message("u", 2000));
    const after = open(store);
    await after.setup({ id: "b" });
    assert.equal(after.keptBytes, before.keptBytes);
  });
});
