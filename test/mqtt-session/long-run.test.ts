import assert from "node:assert/strict";
import { mqttBench } from "../support/mqtt-bench.js";

/** Numbers in [0, 1) from a seed. [Park and Miller's generator] */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return (state - 1) / 0x7ffffffe;
  };
}

/**
 * One action of the session may leave: the connection's timer, acknowledgements, the next turn; the client has at most
 * four.
 */
const MAX_TIMERS = 8;

describe("MQTT session: in the long run", () => {
  for (const seed of [1, 2, 3])
    it(`delivers every message at least once and in order over a connection that fails at random (seed ${seed})`, () => {
      const random = seeded(seed);
      const bench = mqttBench({
        random,
        capacity: 400,
        keepAlive: 600_000,
        maxQueuedPublishes: 50,
        maxPublishAttempts: 1_000,
      });
      const arrived: number[] = [];
      const done: number[] = [];
      bench.settings.onPacket = (client, packet) => {
        if (packet.type === "subscribe") client.suback(packet.id, ...packet.qos);
        if (packet.type !== "publish") return;
        const number = packet.payload[0] ?? -1;
        if (random() < 0.3) return client.fail();
        if (!arrived.includes(number)) arrived.push(number);
        if (random() < 0.3) return client.fail();
        client.puback(packet.id);
      };
      bench.session.subscribe("a", { onMessage() {} });
      bench.open();
      for (let number = 0; number < 40; number++) {
        const payload = new Uint8Array(1 + Math.floor(random() * 900)).fill(number);
        bench.session.publish("t", payload, { onDone: (error) => (error ? assert.fail(error) : done.push(number)) });
        bench.timer.advance(random() * 500);
        assert.ok(bench.timer.pending <= MAX_TIMERS, `${bench.timer.pending} timers`);
      }
      for (let hour = 0; hour < 200 && done.length < 40; hour++) bench.timer.advance(3_600_000);
      const all = Array.from({ length: 40 }, (_, number) => number);
      assert.deepEqual(done, all);
      assert.deepEqual(arrived, all);
      bench.session.close();
      assert.equal(bench.timer.pending, 0);
    });

  it("keeps as many timers after a thousand reconnects as after one", () => {
    const bench = mqttBench({ random: () => 0.5 });
    bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    bench.timer.advance(1_000);
    const before = bench.timer.pending;
    for (let count = 0; count < 1_000; count++) {
      bench.client().fail();
      bench.timer.advance(200_000);
      assert.equal(bench.session.state, "connected");
    }
    bench.timer.advance(1_000);
    assert.equal(bench.timer.pending, before);
    assert.ok(bench.clients.slice(0, -1).every((client) => client.closed && client.resolver?.closed));
  });
});
