import assert from "node:assert/strict";
import { MqttSessionError } from "../../modules/mqtt-session/index.js";
import { mqttBench, text } from "../support/mqtt-bench.js";

describe("MQTT session: subscribe", () => {
  it("says so after SUBACK, and again after each reconnect", () => {
    const bench = mqttBench();
    bench.session.subscribe("a", { onMessage() {}, onSubscribed: (error) => bench.log.push(error?.code ?? "granted") });
    bench.open();
    bench.timer.settle();
    bench.client().fail();
    bench.timer.advance(1_000);
    assert.deepEqual(bench.log, ["connected", "granted", "disconnected connection-lost", "connected", "granted"]);
  });

  it("reports a refused filter to its subscriber and the observers, and only that one", () => {
    const bench = mqttBench({ answer: false });
    for (const filter of ["a", "b"])
      bench.session.subscribe(filter, {
        onMessage() {},
        onSubscribed: (error) => bench.log.push(`${filter} ${error?.code}`),
      });
    bench.open();
    bench.client().suback(bench.sent("subscribe")[0]?.id ?? 0, 128, 1);
    assert.deepEqual(bench.log, ["connected", "error subscribe-refused", "a subscribe-refused", "b undefined"]);
    assert.equal(bench.session.state, "connected");
  });

  it("takes a SUBACK with too few codes for a refusal of the rest", () => {
    const bench = mqttBench({ answer: false });
    bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    bench.client().suback(bench.sent("subscribe")[0]?.id ?? 0);
    assert.deepEqual(bench.log, ["connected", "error subscribe-refused"]);
  });

  it("asks for a refused filter again on the next connection", () => {
    const bench = mqttBench({ answer: false });
    bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    bench.client().suback(bench.sent("subscribe")[0]?.id ?? 0, 128);
    bench.client().fail();
    bench.timer.advance(1_000);
    assert.equal(bench.sent("subscribe").length, 1);
  });

  it("puts at most 8 filters into one packet", () => {
    const bench = mqttBench();
    for (let count = 0; count < 19; count++) bench.session.subscribe(`f/${count}`, { onMessage() {} });
    bench.open();
    assert.deepEqual(
      bench.sent("subscribe").map(({ filters }) => filters.length),
      [8, 8, 3],
    );
  });

  it("puts fewer filters into a packet when they would not fit into the socket", () => {
    const bench = mqttBench({ capacity: 600 });
    let granted = 0;
    for (let count = 0; count < 8; count++)
      bench.session.subscribe(`${count}/${"x".repeat(200)}`, { onMessage() {}, onSubscribed: () => granted++ });
    bench.open();
    bench.timer.advance(1_000);
    assert.ok(bench.sent("subscribe").every(({ filters }) => filters.length <= 2));
    assert.equal(granted, 8);
  });

  it("shares one subscription between subscribers of the same filter", () => {
    const bench = mqttBench();
    const granted: string[] = [];
    bench.session.subscribe("a", { onMessage() {}, onSubscribed: () => granted.push("first") });
    bench.open();
    bench.timer.settle();
    bench.session.subscribe("a", { onMessage() {}, onSubscribed: () => granted.push("second") });
    assert.deepEqual(granted, ["first"]);
    bench.timer.settle();
    assert.deepEqual(granted, ["first", "second"]);
    assert.equal(bench.sent("subscribe").length, 1);
  });

  it("asks again when a later subscriber wants a higher QoS", () => {
    const bench = mqttBench();
    bench.session.subscribe("a", { qos: 0, onMessage() {} });
    bench.open();
    bench.session.subscribe("a", { qos: 1, onMessage() {} });
    bench.session.subscribe("a", { qos: 0, onMessage() {} });
    bench.timer.settle();
    assert.deepEqual(
      bench.sent("subscribe").map(({ qos }) => qos),
      [[0], [1]],
    );
  });

  it("unsubscribes when the last subscriber leaves", () => {
    const bench = mqttBench();
    const first = bench.session.subscribe("a", { onMessage() {} });
    const second = bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    first.close();
    first.close();
    bench.timer.settle();
    assert.equal(bench.sent("unsubscribe").length, 0);
    second.close();
    bench.timer.settle();
    assert.deepEqual(
      bench.sent("unsubscribe").map(({ filters }) => filters),
      [["a"]],
    );
  });

  it("neither subscribes nor unsubscribes for somebody who left before the connection", () => {
    const bench = mqttBench();
    bench.session.subscribe("a", { onMessage() {} }).close();
    bench.open();
    assert.deepEqual(bench.client().sent, []);
  });

  it("keeps a subscription that is given up and wanted again in the same turn", () => {
    const bench = mqttBench();
    const first = bench.session.subscribe("a", { onMessage() {} });
    bench.open();
    bench.timer.settle();
    first.close();
    bench.session.subscribe("a", { onMessage() {} });
    bench.timer.settle();
    assert.equal(bench.sent("unsubscribe").length, 0);
  });

  it("ignores the SUBACK of somebody who left meanwhile", () => {
    const bench = mqttBench({ answer: false });
    const subscription = bench.session.subscribe("a", { onMessage() {}, onSubscribed: () => assert.fail() });
    bench.open();
    const id = bench.sent("subscribe")[0]?.id ?? 0;
    subscription.close();
    bench.client().suback(id, 1);
    bench.client().suback(id, 1);
    bench.timer.settle();
    assert.equal(bench.sent("unsubscribe").length, 1);
  });

  for (const filter of ["", "a/#/b", "a+", "+a/b", "a/b#", "x".repeat(257), "a\0"])
    it(`refuses the filter ${JSON.stringify(filter.slice(0, 8))}`, () => {
      assert.throws(
        () => mqttBench().session.subscribe(filter, { onMessage() {} }),
        (error) => error instanceof MqttSessionError && error.code === "invalid-topic",
      );
    });
});

describe("MQTT session: incoming messages", () => {
  function setUp(options = {}) {
    const bench = mqttBench(options);
    const messages: string[] = [];
    const listen = (filter: string) =>
      bench.session.subscribe(filter, {
        onMessage: (topic, payload) => messages.push(`${filter}: ${topic}=${text(payload)}`),
      });
    bench.open();
    return { ...bench, messages, listen };
  }

  it("go to every subscriber whose filter matches, and to nobody else", () => {
    const bench = setUp();
    for (const filter of ["a/b", "a/+", "#", "c", "$aws/+"]) bench.listen(filter);
    bench.client().deliver("a/b", "1");
    bench.client().deliver("$aws/x", "2");
    assert.deepEqual(bench.messages, ["a/b: a/b=1", "a/+: a/b=1", "#: a/b=1", "$aws/+: $aws/x=2"]);
  });

  it("are put together from fragments", () => {
    const bench = setUp();
    bench.listen("a");
    const long = "0123456789".repeat(2_000);
    bench.client().deliver("a", long, { fragment: 1536, qos: 1, id: 9 });
    bench.client().deliver("a", "next");
    assert.deepEqual(bench.messages, [`a: a=${long}`, "a: a=next"]);
  });

  it("are delivered at the limit and dropped beyond it, with everything read and the next one intact", () => {
    const bench = setUp({ maxMessageBytes: 100 });
    bench.listen("a");
    bench.client().deliver("a", "x".repeat(100), { fragment: 33 });
    bench.client().deliver("a", "y".repeat(101), { fragment: 33 });
    bench.client().deliver("a", "z".repeat(100_000), { fragment: 1536 });
    bench.client().deliver("a", "next");
    assert.deepEqual(bench.messages, [`a: a=${"x".repeat(100)}`, "a: a=next"]);
    assert.deepEqual(bench.log, ["connected", "error message-too-long", "error message-too-long"]);
    assert.equal(bench.session.state, "connected");
  });

  it("name the topic of a message that is too long", () => {
    const bench = setUp({ maxMessageBytes: 10 });
    bench.listen("a/+");
    let topic: string | undefined;
    bench.session.observe({ onError: (error) => (topic = error.topic) });
    bench.client().deliver("a/b", "x".repeat(11));
    assert.equal(topic, "a/b");
  });

  it("are read and forgotten when nobody wants them, however long they are", () => {
    const bench = setUp({ maxMessageBytes: 10 });
    bench.client().deliver("other", "x".repeat(5_000), { fragment: 1536 });
    assert.deepEqual(bench.log, ["connected"]);
  });

  it("do not mix when a connection is lost in the middle of one", () => {
    const bench = setUp();
    bench.listen("a");
    bench.client().deliverPart({ topic: "a", payload: "0123456789" }, 5);
    bench.client().fail();
    bench.timer.advance(1_000);
    bench.client().deliver("a", "whole");
    assert.deepEqual(bench.messages, ["a: a=whole"]);
  });

  it("survive a subscriber that throws: the others get theirs, and it is reported", () => {
    const bench = setUp();
    bench.session.subscribe("a", {
      onMessage() {
        throw new Error("subscriber");
      },
    });
    bench.listen("a");
    bench.client().deliver("a", "1");
    bench.client().deliver("a", "2");
    assert.deepEqual(bench.messages, ["a: a=1", "a: a=2"]);
    assert.deepEqual(bench.log, ["connected", "error callback-threw", "error callback-threw"]);
  });

  it("do not reach a subscriber that left, not even in the middle of a delivery", () => {
    const bench = setUp();
    const second: { close(): void }[] = [];
    bench.session.subscribe("a", { onMessage: () => second[0]?.close() });
    second.push(bench.listen("a"));
    bench.client().deliver("a", "1");
    assert.deepEqual(bench.messages, []);
  });

  it("go to an observer that listens to their topic, though nobody subscribed to it", () => {
    const bench = setUp();
    const heard: string[] = [];
    const observer = (listensTo: string) => ({
      listensTo,
      onMessage: (topic: string, payload: Uint8Array) => void heard.push(`${listensTo}: ${topic}=${text(payload)}`),
    });
    const registration = bench.session.observe(observer("$aws/things/t/jobs/+/+/+"));
    bench.session.observe(observer("other/#"));
    bench.client().deliver("$aws/things/t/jobs/$next/get/accepted", "1", { qos: 1, id: 3 });
    bench.client().deliver("$aws/things/t/jobs/notify-next", "2");
    registration.close();
    bench.client().deliver("$aws/things/t/jobs/$next/get/accepted", "3");
    assert.deepEqual(heard, ["$aws/things/t/jobs/+/+/+: $aws/things/t/jobs/$next/get/accepted=1"]);
    assert.deepEqual(bench.sent("subscribe"), []);
  });

  it("go to subscribers first, and to no observer when one of them closes the session", () => {
    const bench = setUp();
    let close = false;
    bench.session.subscribe("a", { onMessage: () => close && bench.session.close() });
    bench.session.observe({ listensTo: "a", onMessage: () => bench.messages.push("observer") });
    bench.client().deliver("a", "1");
    assert.deepEqual(bench.messages, ["observer"]);
    close = true;
    bench.client().deliver("a", "2");
    assert.deepEqual(bench.messages, ["observer"]);
  });

  it("survive an observer that throws", () => {
    const bench = setUp();
    bench.session.observe({
      listensTo: "a",
      onMessage() {
        throw new Error("observer");
      },
    });
    bench.client().deliver("a", "1");
    assert.deepEqual(bench.log, ["connected", "error callback-threw"]);
  });

  it("are listened to by well-formed filters only", () => {
    assert.throws(() => mqttBench().session.observe({ listensTo: "a/#/b" }), { code: "invalid-topic" });
  });

  it("are dropped and reported once when too many arrive at once, and are heard again afterwards", () => {
    const bench = setUp();
    bench.listen("a");
    bench.timer.settle();
    bench.timer.set(() => {
      bench.client().deliverAll(Array.from({ length: 1_000 }, (_, count) => ({ topic: "a", payload: String(count) })));
    });
    bench.timer.settle();
    assert.equal(bench.messages.length, 64);
    assert.deepEqual(bench.log, ["connected", "error inbox-full"]);
    bench.client().deliver("a", "again");
    assert.equal(bench.messages.at(-1), "a: a=again");
  });
});
