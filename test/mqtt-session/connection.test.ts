import assert from "node:assert/strict";
import { MqttSessionError } from "../../modules/mqtt-session/index.js";
import { TlsRefusal } from "../../modules/strict-tls/index.js";
import { type BenchOptions, mqttBench } from "../support/mqtt-bench.js";

describe("MQTT session: connection", () => {
  it("connects on open and passes its options to the client", () => {
    const bench = mqttBench({ keepAlive: 45_000, clean: false, user: "u", port: 1883 });
    assert.equal(bench.session.state, "closed");
    bench.open();
    assert.equal(bench.session.state, "connected");
    assert.deepEqual(bench.log, ["connected"]);
    const { host, port, id, clean, keepAlive } = bench.client().options;
    assert.deepEqual(
      { host, port, id, clean, keepAlive },
      { host: "broker.test", port: 1883, id: "thing-1", clean: false, keepAlive: 45_000 },
    );
  });

  it("uses port 8883, a clean session and a keep-alive of 60 s by default", () => {
    const bench = mqttBench();
    bench.open();
    const { port, clean, keepAlive } = bench.client().options;
    assert.deepEqual([port, clean, keepAlive], [8883, true, 60_000]);
  });

  it("makes one client however often it is opened", () => {
    const bench = mqttBench();
    bench.session.open();
    bench.open();
    bench.session.open();
    bench.timer.settle();
    assert.equal(bench.clients.length, 1);
  });

  it("says that an attempt failed and makes another one after the back-off delay", () => {
    const bench = mqttBench({ connect: false });
    bench.open();
    bench.client().fail();
    assert.deepEqual(bench.log, ["disconnected dns"]);
    assert.equal(bench.session.state, "waiting");
    bench.timer.advance(499);
    assert.equal(bench.clients.length, 1);
    bench.timer.advance(1);
    assert.equal(bench.clients.length, 2);
  });

  for (const [title, cause, code, message] of [
    ["a refusal of TLS", new TlsRefusal("name", "not this host"), "tls", "name: not this host"],
    ["another exception", new Error("boom"), "connection-failed", "boom"],
  ] as const)
    it(`says what the socket said of its end, which the client drops: ${title}`, () => {
      const bench = mqttBench({ connect: false });
      const errors: MqttSessionError[] = [];
      bench.session.observe({ onDisconnected: (error) => errors.push(error) });
      bench.open();
      bench.client().failSocket(cause);
      bench.timer.settle();
      const [error] = errors;
      assert.equal(error?.code, code);
      assert.equal(error.message, message);
      assert.equal(error.cause, cause);
      assert.ok(error.repeatable);
    });

  it("says so when the socket's constructor refuses", () => {
    const bench = mqttBench({ connect: false });
    bench.settings.socketError = new TlsRefusal("protocol", "this build has other modules");
    bench.open();
    bench.client().resolve();
    assert.deepEqual(bench.log, ["disconnected tls"]);
  });

  it("says tls when a session is broken by damaged records", () => {
    const bench = mqttBench();
    bench.open();
    bench.client().failSocket(new TlsRefusal("protocol", "recordProtocol auth failed"));
    bench.timer.settle();
    assert.deepEqual(bench.log, ["connected", "disconnected tls"]);
  });

  it("treats an exception of the client's constructor as a failed attempt", () => {
    const bench = mqttBench();
    bench.settings.constructorError = new Error("host required");
    bench.open();
    assert.deepEqual(bench.log, ["disconnected connection-failed"]);
    bench.timer.advance(1_000);
    assert.equal(bench.session.state, "connected");
  });

  it("survives a resolver that fails before the client's constructor returns", () => {
    const bench = mqttBench({ connect: false });
    bench.settings.onResolve = (client) => client.resolution?.onError("broker.test");
    bench.open();
    assert.deepEqual(bench.log, ["disconnected dns"]);
    assert.ok(bench.client().closed);
  });

  it("gives up an attempt that takes longer than the connect time-out, and silences its resolver", () => {
    const bench = mqttBench({ connect: false, connectTimeoutMs: 10_000 });
    bench.open();
    bench.timer.advance(10_000);
    assert.deepEqual(bench.log, ["disconnected connect-timeout"]);
    const first = bench.client();
    assert.ok(first.closed && first.resolver?.closed);
    // The answer comes late: the SDK's client would throw into the resolver's native callback.
    first.resolution?.onResolved("broker.test", "127.0.0.1");
    first.resolution?.onError("broker.test");
  });

  it("counts a connection without CONNACK against the connect time-out", () => {
    const bench = mqttBench({ connect: false, connectTimeoutMs: 10_000 });
    bench.open();
    bench.client().resolve();
    bench.timer.advance(9_999);
    assert.equal(bench.session.state, "connecting");
    bench.timer.advance(1);
    assert.equal(bench.session.state, "waiting");
  });

  it("reconnects when the connection is lost", () => {
    const bench = mqttBench();
    bench.open();
    bench.client().fail();
    bench.timer.advance(1_000);
    assert.deepEqual(bench.log, ["connected", "disconnected connection-lost", "connected"]);
  });

  it("closes the resolver of a connection that ended", () => {
    const bench = mqttBench();
    bench.open();
    bench.client().fail();
    assert.ok(bench.client().resolver?.closed);
  });

  it("ignores what an old client still says", () => {
    const bench = mqttBench();
    bench.open();
    const old = bench.client();
    old.fail();
    bench.timer.advance(1_000);
    old.options.onError?.();
    old.options.onWritable?.(100);
    old.options.onControl?.({ operation: 2 });
    old.options.onReadable?.(10, { topic: "a", byteLength: 10 });
    assert.equal(bench.session.state, "connected");
    assert.equal(bench.log.length, 3);
  });

  it("goes on when an observer throws, and reports it", () => {
    const bench = mqttBench();
    bench.session.observe({
      onConnected() {
        throw new Error("observer");
      },
      onError() {
        throw new Error("observer again");
      },
    });
    bench.open();
    assert.deepEqual(bench.log, ["connected", "error callback-threw"]);
    assert.equal(bench.session.state, "connected");
  });

  it("goes on when the trace throws", () => {
    const bench = mqttBench({
      trace() {
        throw new Error("trace");
      },
    });
    bench.open();
    assert.equal(bench.session.state, "connected");
  });

  it("does not call an observer that was closed", () => {
    const bench = mqttBench();
    let calls = 0;
    const registration = bench.session.observe({ onConnected: () => calls++ });
    registration.close();
    registration.close();
    bench.open();
    assert.equal(calls, 0);
  });
});

describe("MQTT session: close", () => {
  it("sends DISCONNECT, closes the client and keeps no timer", () => {
    const bench = mqttBench();
    bench.open();
    bench.session.close();
    assert.equal(bench.sent("disconnect").length, 1);
    assert.ok(bench.client().closed);
    assert.equal(bench.session.state, "closed");
    assert.equal(bench.timer.pending, 0);
  });

  it("sends one DISCONNECT however often it is called", () => {
    const bench = mqttBench();
    bench.open();
    bench.session.close();
    bench.session.close();
    assert.equal(bench.sent("disconnect").length, 1);
  });

  for (const moment of ["closed", "waiting", "connecting"] as const) {
    it(`keeps no timer when it is ${moment}`, () => {
      const bench = mqttBench({ connect: false });
      if (moment !== "closed") bench.open();
      if (moment === "waiting") bench.client().fail();
      assert.equal(bench.session.state, moment);
      bench.session.close();
      assert.equal(bench.timer.pending, 0);
      bench.timer.advance(1_000_000);
      assert.equal(bench.session.state, "closed");
    });
  }

  it("silences callbacks", () => {
    const bench = mqttBench({ answer: false });
    bench.session.subscribe("a", {
      onMessage: () => bench.log.push("message"),
      onSubscribed: () => bench.log.push("subscribed"),
    });
    bench.session.publish("b", "x", { onDone: () => bench.log.push("done") });
    bench.open();
    const client = bench.client();
    bench.session.close();
    client.options.onControl?.({ operation: 9, id: 1, payload: [1] });
    client.options.onControl?.({ operation: 4, id: 2 });
    client.options.onError?.();
    bench.timer.advance(1_000_000);
    assert.deepEqual(bench.log, ["connected"]);
  });

  it("does not tell the remaining observers when one of them closes the session", () => {
    const bench = mqttBench();
    bench.session.observe({ onConnected: () => bench.session.close() });
    bench.session.observe({ onConnected: () => bench.log.push("late") });
    bench.open();
    assert.deepEqual(bench.log, ["connected"]);
    assert.equal(bench.timer.pending, 0);
  });

  it("may be called from onMessage, since the client is closed after its parser returned", () => {
    const bench = mqttBench();
    bench.session.subscribe("a", { onMessage: () => bench.session.close() });
    bench.open();
    bench.timer.settle();
    const client = bench.client();
    client.deliver("a", "x");
    assert.equal(bench.sent("disconnect").length, 1);
    assert.ok(client.closed);
    assert.equal(bench.timer.pending, 0);
  });

  it("may be called from every other callback", () => {
    const run = (wire: (bench: ReturnType<typeof mqttBench>) => void, drop = false) => {
      const bench = mqttBench();
      wire(bench);
      bench.open();
      bench.timer.advance(100);
      if (drop) bench.client().fail();
      bench.timer.advance(1_000_000);
      assert.equal(bench.session.state, "closed");
      assert.equal(bench.timer.pending, 0);
    };
    run((bench) => bench.session.subscribe("a", { onMessage() {}, onSubscribed: () => bench.session.close() }));
    run((bench) => bench.session.publish("a", "x", { onDone: () => bench.session.close() }));
    run((bench) => bench.session.publish("a", "x", { qos: 0, onDone: () => bench.session.close() }));
    run((bench) => bench.session.observe({ onDisconnected: () => bench.session.close() }), true);
  });

  it("can be followed by open, with the same subscribers", () => {
    const bench = mqttBench();
    bench.session.subscribe("a", { onMessage: (topic) => bench.log.push(topic) });
    bench.open();
    bench.session.close();
    bench.open();
    bench.timer.settle();
    bench.client().deliver("a", "x");
    assert.deepEqual(bench.log, ["connected", "connected", "a"]);
  });
});

describe("MQTT session: options", () => {
  const make = (options: BenchOptions) => () => mqttBench(options);
  const refused = (error: unknown) => error instanceof MqttSessionError && error.code === "invalid-option";

  for (const [name, options] of Object.entries({
    "an empty host": { host: "" },
    "port 0": { port: 0 },
    "port 65536": { port: 65_536 },
    "a keep-alive of 0, without which a dead parser would not be noticed": { keepAlive: 0 },
    "a keep-alive beyond 16 bits of seconds": { keepAlive: 65_536_000 },
    "a fractional time-out": { connectTimeoutMs: 0.5 },
    "a back-off cap below its base": { backoff: { baseMs: 5_000, capMs: 1_000 } },
    "no room for a publish": { maxQueuedPublishes: 0 },
    "more publishes in flight than AWS IoT allows": { maxQueuedPublishes: 101 },
    "a maximum message length of 0": { maxMessageBytes: 0 },
  }))
    it(`refuses ${name}`, () => assert.throws(make(options), refused));

  it("accepts a base above the default cap", () => {
    assert.doesNotThrow(make({ backoff: { baseMs: 300_000 } }));
  });
});
