/** Behaviour that AWS IoT Core Device Advisor asks of a device's MQTT client, under the names of its test cases. */
import assert from "node:assert/strict";
import { mqttBench } from "../support/mqtt-bench.js";

const ACK_TIMEOUT_MS = 20_000;

describe("Device Advisor: MQTT connect exponential backoff retries, with jitter", () => {
  /** Delays between attempts while every one fails. */
  function delays(random: () => number, attempts: number): number[] {
    const bench = mqttBench({ connect: false, random, backoff: { baseMs: 1_000, capMs: 60_000 } });
    bench.open();
    const result: number[] = [];
    for (let count = 1; count <= attempts; count++) {
      const start = bench.timer.now;
      bench.client().fail();
      while (bench.clients.length === count) bench.timer.advance(1);
      result.push(bench.timer.now - start);
    }
    bench.session.close();
    return result;
  }

  it("doubles the bound of the delay up to the cap", () => {
    assert.deepEqual(
      delays(() => 0.999_999_9, 8),
      [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000],
    );
  });

  it("draws each delay from zero to the bound", () => {
    const draws = [0, 0.25, 0.5, 0.75];
    assert.deepEqual(
      delays(() => draws.shift() ?? 0, 4),
      [0, 500, 2_000, 6_000],
    );
  });
});

describe("Device Advisor: MQTT reconnection after successful connection", () => {
  it("waits for a second and the drawn delay once a connection stood, and only for the drawn one after a failed attempt", () => {
    const bench = mqttBench({ random: () => 0, reconnectPauseMs: 1_000 });
    bench.open();
    bench.client().fail();
    bench.timer.advance(999);
    assert.equal(bench.session.state, "waiting");
    bench.settings.connect = false;
    bench.timer.advance(1);
    assert.equal(bench.clients.length, 2);
    bench.client().fail();
    bench.timer.settle();
    assert.equal(bench.clients.length, 3);
  });

  it("refuses a pause that is none", () => {
    for (const reconnectPauseMs of [-1, 0.5, Number.NaN])
      assert.throws(() => mqttBench({ reconnectPauseMs }), { code: "invalid-option" });
  });
});

describe("Device Advisor: MQTT reconnect on unstable connection", () => {
  it("goes on backing off while connections are accepted and dropped at once", () => {
    const bench = mqttBench({ random: () => 0.999_999_9, stableAfterMs: 30_000 });
    bench.open();
    const waits: number[] = [];
    for (let count = 1; count <= 5; count++) {
      const start = bench.timer.now;
      bench.client().fail();
      while (bench.session.state !== "connected") bench.timer.advance(100);
      waits.push(bench.timer.now - start);
      assert.equal(bench.clients.length, count + 1);
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it("starts from the beginning after a connection that lasted", () => {
    const bench = mqttBench({ random: () => 0.999_999_9, stableAfterMs: 30_000 });
    bench.open();
    for (let count = 0; count < 5; count++) {
      bench.client().fail();
      bench.timer.advance(20_000);
    }
    bench.timer.advance(30_000);
    bench.client().fail();
    bench.timer.advance(999);
    assert.equal(bench.session.state, "waiting");
    bench.timer.advance(1);
    assert.equal(bench.session.state, "connected");
  });

  it("subscribes again on every connection", () => {
    const bench = mqttBench();
    bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    for (let count = 0; count < 3; count++) {
      bench.client().fail();
      bench.timer.advance(10_000);
      assert.equal(bench.sent("subscribe").length, 1);
    }
  });
});

describe("Device Advisor: QoS 1 publish retry, no PUBACK", () => {
  it("sends the message again with DUP and the same packet id, and completes at the late PUBACK", () => {
    const bench = mqttBench({ answer: false });
    bench.open();
    let done = 0;
    bench.session.publish("a", "x", { onDone: () => done++ });
    bench.timer.advance(ACK_TIMEOUT_MS);
    assert.equal(bench.sent("publish").length, 1);
    bench.timer.advance(ACK_TIMEOUT_MS / 4);
    const [first, second] = bench.sent("publish");
    assert.deepEqual([first?.dup, second?.dup], [false, true]);
    assert.equal(first?.id, second?.id);
    bench.client().puback(second?.id ?? 0);
    assert.equal(done, 1);
    assert.deepEqual(bench.log, ["connected"]);
  });

  it("replaces the connection when the repetition stays unanswered too, and sends the message on the next one", () => {
    const bench = mqttBench({ answer: false });
    bench.open();
    bench.session.publish("a", "x");
    bench.timer.advance(2.5 * ACK_TIMEOUT_MS);
    assert.deepEqual(bench.log, ["connected", "disconnected puback-timeout"]);
    const id = bench.sent("publish")[0]?.id;
    bench.timer.advance(1_000);
    assert.deepEqual(
      bench.sent("publish").map(({ dup, id }) => [dup, id]),
      [[true, id]],
    );
  });

  it("keeps no timer when everything is acknowledged", () => {
    const bench = mqttBench({ keepAlive: 60_000 });
    bench.open();
    bench.timer.settle();
    const before = bench.timer.pending;
    bench.session.publish("a", "x");
    bench.timer.advance(100);
    assert.equal(bench.timer.pending, before);
  });
});

describe("Device Advisor: MQTT subscribe retry, no SUBACK", () => {
  it("sends SUBSCRIBE again", () => {
    const bench = mqttBench({ answer: false });
    let granted = 0;
    bench.session.subscribe("a", { onMessage() {}, onSubscribed: () => granted++ });
    bench.open();
    bench.timer.advance(1.25 * ACK_TIMEOUT_MS);
    const [first, second, third] = bench.sent("subscribe");
    assert.deepEqual([second?.filters, second?.id, third], [["a"], first?.id, undefined]);
    bench.client().suback(second?.id ?? 0, 1);
    bench.client().suback(second?.id ?? 0, 1);
    assert.equal(granted, 1);
  });

  it("replaces the connection when the repetition stays unanswered too", () => {
    const bench = mqttBench({ answer: false });
    bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    bench.timer.advance(2.5 * ACK_TIMEOUT_MS);
    assert.deepEqual(bench.log, ["connected", "disconnected suback-timeout"]);
  });
});

describe("Device Advisor: MQTT no PINGRESP", () => {
  it("reconnects when pings stay unanswered", () => {
    const bench = mqttBench({ keepAlive: 30_000 });
    bench.open();
    bench.client().answerPings = false;
    bench.timer.advance(60_000);
    assert.ok(bench.clients[0]?.sent.some(({ type }) => type === "pingreq"));
    assert.deepEqual(bench.log, ["connected", "disconnected liveness-timeout", "connected"]);
  });

  it("stays connected as long as they are answered", () => {
    const bench = mqttBench({ keepAlive: 30_000 });
    bench.open();
    bench.timer.advance(3_600_000);
    assert.deepEqual(bench.log, ["connected"]);
  });

  it("reconnects after a message without payload, which makes the SDK's parser deaf", () => {
    const bench = mqttBench({ keepAlive: 30_000 });
    bench.session.subscribe("a", { onMessage: () => bench.log.push("message") });
    bench.open();
    bench.client().deliver("a", "");
    bench.client().deliver("a", "lost");
    bench.timer.advance(60_000);
    bench.client().deliver("a", "heard");
    assert.deepEqual(bench.log, ["connected", "disconnected liveness-timeout", "connected", "message"]);
  });

  it("reconnects by its own watchdog when the client's keep-alive fails as well", () => {
    const bench = mqttBench({ keepAlive: 30_000, stableAfterMs: 30_000 });
    bench.open();
    // A client that hears nothing and does not notice.
    bench.client().close();
    bench.timer.advance(30_000 + 45_000);
    assert.deepEqual(bench.log, ["connected", "disconnected liveness-timeout"]);
  });
});

describe("Device Advisor: MQTT persistent session", () => {
  it("connects without clean session and resends what was not acknowledged", () => {
    const bench = mqttBench({ clean: false, answer: false });
    bench.open();
    assert.equal(bench.client().options.clean, false);
    bench.session.publish("a", "x");
    bench.timer.settle();
    bench.client().fail();
    bench.timer.advance(1_000);
    assert.deepEqual(
      bench.sent("publish").map(({ dup }) => dup),
      [true],
    );
  });

  it("delivers a message which the broker kept, before the filter is acknowledged again", () => {
    const bench = mqttBench({ clean: false, answer: false });
    bench.session.subscribe("a", { onMessage: () => bench.log.push("message") });
    bench.open();
    bench.client().deliver("a", "kept", { qos: 1, id: 5 });
    assert.deepEqual(bench.log, ["connected", "message"]);
    assert.deepEqual(bench.client().acknowledged, [5]);
  });

  it("subscribes again in any case, since the SDK does not say whether the session was present", () => {
    const bench = mqttBench({ clean: false });
    bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    bench.client().fail();
    bench.timer.advance(1_000);
    assert.equal(bench.sent("subscribe").length, 1);
  });

  it("tells the broker on the next connection what was given up without one", () => {
    const bench = mqttBench({ clean: false });
    const subscription = bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    bench.timer.settle();
    bench.client().fail();
    subscription.close();
    bench.timer.advance(1_000);
    assert.deepEqual(
      bench.sent("unsubscribe").map(({ filters }) => filters),
      [["a"]],
    );
  });
});
