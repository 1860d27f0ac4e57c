import assert from "node:assert/strict";
import { MqttSessionError } from "../../modules/mqtt-session/index.js";
import { mqttBench, text } from "../support/mqtt-bench.js";

const pattern = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

describe("MQTT session: publish", () => {
  it("completes a QoS 1 message at PUBACK, not before", () => {
    const bench = mqttBench({ answer: false });
    bench.open();
    let done = 0;
    bench.session.publish("a/b", "hällo", { onDone: (error) => (error ? assert.fail() : done++) });
    assert.equal(bench.sent("publish").length, 0);
    bench.timer.settle();
    const [packet] = bench.sent("publish");
    assert.ok(packet);
    assert.deepEqual([packet.topic, text(packet.payload), packet.qos, packet.dup], ["a/b", "hällo", 1, false]);
    assert.equal(done, 0);
    bench.client().puback(packet.id);
    assert.equal(done, 1);
  });

  it("completes a QoS 0 message when it is written, on a later turn", () => {
    const bench = mqttBench();
    bench.open();
    let done = 0;
    bench.session.publish("a", "x", { qos: 0, onDone: () => done++ });
    assert.equal(done, 0);
    bench.timer.settle();
    assert.equal(done, 1);
  });

  it("sends an empty payload", () => {
    const bench = mqttBench();
    bench.open();
    bench.session.publish("a", "");
    bench.timer.settle();
    assert.equal(bench.sent("publish")[0]?.payload.length, 0);
  });

  it("ignores a PUBACK that comes twice or is for nothing", () => {
    const bench = mqttBench({ answer: false });
    bench.open();
    let done = 0;
    bench.session.publish("a", "x", { onDone: () => done++ });
    bench.timer.settle();
    const id = bench.sent("publish")[0]?.id ?? 0;
    bench.client().puback(id + 1);
    bench.client().puback(id);
    bench.client().puback(id);
    assert.equal(done, 1);
  });

  it("takes PUBACKs in any order", () => {
    const bench = mqttBench({ answer: false });
    bench.open();
    const done: string[] = [];
    for (const topic of ["a", "b", "c"]) bench.session.publish(topic, "x", { onDone: () => done.push(topic) });
    bench.timer.settle();
    for (const { id } of bench.sent("publish").reverse()) bench.client().puback(id);
    assert.deepEqual(done, ["c", "b", "a"]);
  });

  it("keeps messages until there is a connection, in order", () => {
    const bench = mqttBench();
    bench.session.publish("a", "1");
    bench.session.publish("b", "2", { qos: 0 });
    bench.open();
    assert.deepEqual(
      bench.sent("publish").map(({ topic }) => topic),
      ["a", "b"],
    );
  });

  it("sends unacknowledged messages again after a reconnect: same id, same order, DUP", () => {
    const bench = mqttBench({ answer: false });
    bench.open();
    for (const topic of ["a", "b"]) bench.session.publish(topic, "x");
    bench.timer.settle();
    const first = bench.sent("publish");
    bench.client().fail();
    bench.session.publish("c", "x");
    bench.timer.advance(1_000);
    const second = bench.sent("publish");
    assert.deepEqual(
      second.map(({ topic, dup }) => [topic, dup]),
      [
        ["a", true],
        ["b", true],
        ["c", false],
      ],
    );
    assert.deepEqual(
      second.slice(0, 2).map(({ id }) => id),
      first.map(({ id }) => id),
    );
    assert.ok(!first.some(({ id }) => id === second[2]?.id));
  });

  it("gives up a message after its last attempt", () => {
    const bench = mqttBench({ answer: false, maxPublishAttempts: 2 });
    const errors: unknown[] = [];
    bench.open();
    bench.session.publish("$aws/things/other/shadow/update", "x", { onDone: (error) => errors.push(error?.code) });
    for (let attempt = 0; attempt < 3; attempt++) {
      bench.timer.advance(4_000);
      bench.client().fail();
    }
    assert.deepEqual(errors, ["puback-timeout"]);
    bench.timer.advance(10_000);
    assert.equal(bench.sent("publish").length, 0);
  });

  it("reports a full queue on a later turn, to the caller or else to the observers", () => {
    const bench = mqttBench({ maxQueuedPublishes: 2 });
    const errors: unknown[] = [];
    bench.session.publish("a", "x");
    bench.session.publish("a", "x");
    bench.session.publish("a", "x", { onDone: (error) => errors.push(error?.code, error?.repeatable) });
    bench.session.publish("a", "x");
    assert.deepEqual(errors, []);
    bench.timer.settle();
    assert.deepEqual(errors, ["queue-full", true]);
    assert.deepEqual(bench.log, ["error queue-full"]);
  });

  it("has room again after a PUBACK", () => {
    const bench = mqttBench({ maxQueuedPublishes: 1 });
    bench.open();
    const codes: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      bench.session.publish("a", "x", { onDone: (error) => codes.push(error?.code) });
      bench.timer.settle();
    }
    assert.deepEqual(codes, [undefined, undefined, undefined]);
  });

  it("forgets a message whose registration is closed", () => {
    const bench = mqttBench();
    const message = bench.session.publish("a", "x", { onDone: () => assert.fail() });
    message.close();
    message.close();
    bench.open();
    assert.equal(bench.sent("publish").length, 0);
  });

  for (const [name, topic] of Object.entries({
    "an empty topic": "",
    "a wildcard": "a/+",
    "a hash": "#",
    "a NUL": "a\0b",
    "more than 256 bytes": "ü".repeat(129),
  }))
    it(`refuses ${name}`, () => {
      assert.throws(
        () => mqttBench().session.publish(topic, "x"),
        (error) => error instanceof MqttSessionError && error.code === "invalid-topic",
      );
    });

  it("refuses more than 128 KiB", () => {
    assert.throws(
      () => mqttBench().session.publish("a", new Uint8Array(128 * 1024 + 1)),
      (error) => error instanceof MqttSessionError && error.code === "invalid-option",
    );
  });
});

describe("MQTT session: writing", () => {
  it("splits a message that is longer than the socket's buffer", () => {
    const bench = mqttBench({ capacity: 1432 });
    bench.open();
    const payload = pattern(10_000);
    let done = 0;
    bench.session.publish("big", payload, { onDone: () => done++ });
    bench.session.publish("small", "after");
    bench.timer.advance(1_000);
    const [big, small] = bench.sent("publish");
    assert.deepEqual(big?.payload, payload);
    assert.ok((big?.fragments ?? 0) >= 7);
    assert.equal(small?.topic, "small");
    assert.equal(done, 1);
  });

  it("writes nothing between the parts of a message", () => {
    const bench = mqttBench({ capacity: 328 });
    bench.open();
    bench.session.publish("big", pattern(1_000));
    bench.timer.settle();
    bench.session.subscribe("late", { onMessage() {} });
    bench.session.publish("small", "x", { qos: 0 });
    bench.timer.advance(1_000);
    assert.deepEqual(
      bench.client().sent.map(({ type }) => type),
      ["publish", "subscribe", "publish"],
    );
  });

  it("waits for room and goes on", () => {
    const bench = mqttBench({ capacity: 228 });
    bench.open();
    for (let count = 0; count < 10; count++) bench.session.publish(`topic/${count}`, pattern(40));
    bench.timer.advance(1_000);
    assert.equal(bench.sent("publish").length, 10);
  });

  it("survives an overflow caused by an acknowledgement that the client sent by itself", () => {
    const bench = mqttBench({ capacity: 400 });
    bench.open();
    bench.session.publish("a", pattern(188), { qos: 0 });
    bench.timer.settle();
    // Their acknowledgements leave 6 bytes of room, so few that the client does not say so.
    bench.client().deliverAll(Array.from({ length: 50 }, () => ({ topic: "b", payload: "x", qos: 1 })));
    bench.session.publish("a", pattern(60), { qos: 0 });
    bench.timer.settle();
    assert.equal(bench.sent("publish").length, 1);
    bench.timer.advance(2_000);
    assert.equal(bench.sent("publish").length, 2);
    assert.deepEqual(bench.log, ["connected"]);
  });

  it("sends a message that was cut in mid-write again as a whole", () => {
    const bench = mqttBench({ capacity: 328 });
    bench.open();
    const payload = pattern(1_000);
    bench.session.publish("big", payload);
    bench.timer.settle();
    bench.client().fail();
    bench.timer.advance(2_000);
    const [packet] = bench.sent("publish");
    assert.deepEqual(packet?.payload, payload);
    assert.equal(packet?.dup, true);
  });

  it("fails a QoS 0 message that was cut in mid-write", () => {
    const bench = mqttBench({ capacity: 328 });
    bench.open();
    const codes: unknown[] = [];
    bench.session.publish("big", pattern(1_000), { qos: 0, onDone: (error) => codes.push(error?.code) });
    bench.timer.settle();
    bench.client().fail();
    assert.deepEqual(codes, ["connection-lost"]);
  });

  it("sends the rest of a message that was forgotten in mid-write, and nothing of it later", () => {
    const bench = mqttBench({ capacity: 328 });
    bench.open();
    const big = bench.session.publish("big", pattern(1_000), { onDone: () => assert.fail() });
    bench.timer.settle();
    big.close();
    bench.session.publish("small", "x");
    bench.timer.advance(1_000);
    assert.deepEqual(
      bench.sent("publish").map(({ topic }) => topic),
      ["big", "small"],
    );
  });

  it("replaces a connection on which writing throws", () => {
    const bench = mqttBench();
    bench.open();
    bench.client().refuseWrites = new TypeError("no socket");
    bench.session.publish("a", "x");
    bench.timer.advance(2_000);
    assert.deepEqual(bench.log, ["connected", "disconnected connection-lost", "connected"]);
    assert.equal(bench.sent("publish").length, 1);
  });

  it("lets callbacks publish and subscribe", () => {
    const bench = mqttBench();
    bench.open();
    bench.session.subscribe("a", {
      onMessage: () => bench.session.publish("answer", "x"),
      onSubscribed: () =>
        bench.session.publish("hello", "x", { onDone: () => bench.session.subscribe("b", { onMessage() {} }) }),
    });
    bench.timer.settle();
    bench.client().deliver("a", "x");
    bench.timer.settle();
    assert.deepEqual(
      bench.client().sent.map((packet) => (packet.type === "publish" ? packet.topic : packet.type)),
      ["subscribe", "hello", "subscribe", "answer"],
    );
  });
});
