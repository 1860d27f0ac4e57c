import assert from "node:assert/strict";
import type { MqttTestClient } from "../support/mqtt-test-client.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

describe("MQTT 5 in front of 3.1.1 sessions", () => {
  let cloud: VirtualCloud;
  let client: MqttTestClient;

  beforeEach(() => {
    cloud = new VirtualCloud();
    client = cloud.client("pump", 5);
  });
  afterEach(() => cloud.close());

  it("announces what it can do in CONNACK", () => {
    const connack = client.connect("pump", { keepalive: 10, properties: { sessionExpiryInterval: 7200 } });
    assert.equal(connack?.reasonCode, 0);
    const { maximumQoS, serverKeepAlive, receiveMaximum, topicAliasMaximum, sessionExpiryInterval } =
      connack?.properties ?? {};
    assert.deepEqual(
      [maximumQoS, serverKeepAlive, receiveMaximum, topicAliasMaximum, sessionExpiryInterval],
      [1, 30, 100, 8, 3600],
    );
  });

  it("assigns a client id when none is given", () => {
    assert.match(client.connect("")?.properties?.assignedClientIdentifier ?? "", /^\$GEN\//);
  });

  it("resolves topic aliases and ends the connection on a wrong one", () => {
    client.connect("pump");
    client.subscribe(["a"]);
    const publish = (topic: string, topicAlias: number) =>
      client.send({
        cmd: "publish",
        topic,
        payload: "x",
        qos: 0,
        dup: false,
        retain: false,
        properties: { topicAlias },
      });
    publish("a", 3);
    publish("", 3);
    assert.equal(client.take().length, 2);
    publish("", 4);
    assert(client.isClosed);
  });

  it("begins anew with clean start and still keeps the session afterwards", () => {
    const properties = { sessionExpiryInterval: 600 };
    client.connect("pump", { clean: true, properties });
    client.subscribe(["a"]);
    client.lose();
    const second = cloud.client("pump", 5);
    assert.equal(second.connect("pump", { clean: false, properties })?.sessionPresent, true);
    second.lose();
    const third = cloud.client("pump", 5);
    assert.equal(third.connect("pump", { clean: true, properties })?.sessionPresent, false);
  });

  it("ends a resumed session with the connection when no expiry is asked for", () => {
    client.connect("pump", { clean: true, properties: { sessionExpiryInterval: 600 } });
    client.subscribe(["a"]);
    client.lose();
    const second = cloud.client("pump", 5);
    assert.equal(second.connect("pump", { clean: false })?.sessionPresent, true);
    second.lose();
    assert.equal(cloud.client("pump", 5).connect("pump", { clean: false })?.sessionPresent, false);
  });

  it("delivers across versions", () => {
    client.connect("pump");
    client.subscribe(["a"]);
    const other = cloud.device("valve");
    other.subscribe(["b"]);
    other.publish("a", "from 3.1.1");
    client.publish("b", "from 5");
    assert.deepEqual([client.take()[0]?.text, other.take()[0]?.text], ["from 3.1.1", "from 5"]);
  });

  it("acknowledges UNSUBSCRIBE with one code a filter", () => {
    client.connect("pump");
    client.subscribe(["a", "b"]);
    client.send({ cmd: "unsubscribe", messageId: 77, unsubscriptions: ["a", "b"] });
    const unsuback = client.packets.find(({ cmd }) => cmd === "unsuback");
    assert(unsuback?.cmd === "unsuback");
    assert.deepEqual(unsuback.granted, [0, 0]);
    client.publish("a");
    assert.deepEqual(client.take(), []);
  });

  it("publishes the will of a client that leaves with reason 4", () => {
    const watcher = cloud.device("valve");
    watcher.subscribe(["wills/pump"]);
    client.connect("pump", { will: { topic: "wills/pump", payload: Buffer.from("gone"), qos: 1, retain: false } });
    client.send({ cmd: "disconnect", reasonCode: 4 });
    assert.deepEqual(
      watcher.take().map(({ text }) => text),
      ["gone"],
    );
  });
});
