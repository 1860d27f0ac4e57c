import assert from "node:assert/strict";
import { LEAST_PRIVILEGE_POLICY } from "../support/fake-registry.js";
import type { MqttTestClient, ReceivedMessage } from "../support/mqtt-test-client.js";
import { VirtualCloud } from "../support/virtual-cloud.js";

const SHADOW = "$aws/things/pump/shadow";

describe("the Device Shadow service over MQTT", () => {
  let cloud: VirtualCloud;
  let device: MqttTestClient;

  beforeEach(() => {
    cloud = new VirtualCloud();
    device = cloud.device();
    device.subscribe([`${SHADOW}/#`]);
  });
  afterEach(() => cloud.close());

  /** What the subscribers hear after a request. */
  function ask(topic: string, payload: string | object = "", client = device): readonly ReceivedMessage[] {
    assert(client.publish(topic, payload), "no PUBACK");
    cloud.settle(1);
    return device.take();
  }
  const topics = (messages: readonly ReceivedMessage[]) => messages.map(({ topic }) => topic.replace(`${SHADOW}/`, ""));

  it("makes, reads and deletes a shadow, and goes on counting its versions", () => {
    const [missing] = ask(`${SHADOW}/get`, { clientToken: "a" });
    assert.equal(missing?.topic, `${SHADOW}/get/rejected`);
    const timestamp = Math.floor(cloud.clock.now() / 1000);
    assert.deepEqual(missing?.json, {
      code: 404,
      message: "No shadow exists with name: 'pump'",
      timestamp,
      clientToken: "a",
    });

    const made = ask(`${SHADOW}/update`, { state: { reported: { on: true } }, clientToken: "b" });
    assert.deepEqual(topics(made), ["update/accepted", "update/documents"]);
    const metadata = { reported: { on: { timestamp } } };
    const state = { reported: { on: true } };
    assert.deepEqual(made[0]?.json, { state, metadata, version: 1, timestamp, clientToken: "b" });
    assert.deepEqual(made[1]?.json, { current: { state, metadata, version: 1 }, timestamp, clientToken: "b" });

    const [read] = ask(`${SHADOW}/get`);
    assert.equal(read?.topic, `${SHADOW}/get/accepted`);
    assert.deepEqual(read?.json, { state, metadata, version: 1, timestamp });

    const [deleted] = ask(`${SHADOW}/delete`, { version: 1, clientToken: "c" });
    assert.equal(deleted?.topic, `${SHADOW}/delete/accepted`);
    assert.deepEqual(deleted?.json, { version: 1, timestamp, clientToken: "c" });
    assert.equal(ask(`${SHADOW}/delete`)[0]?.json.code, 404);
    assert.equal(ask(`${SHADOW}/update`, { state: {} })[0]?.json.version, 2);
  });

  it("tells what is to do as long as there is something, and what was before", () => {
    const [, delta] = ask(`${SHADOW}/update`, { state: { desired: { on: true, speed: 3 } } });
    assert.equal(delta?.topic, `${SHADOW}/update/delta`);
    assert.deepEqual(delta?.json.state, { on: true, speed: 3 });
    const half = ask(`${SHADOW}/update`, { state: { reported: { speed: 3 } } });
    assert.deepEqual(topics(half), ["update/accepted", "update/delta", "update/documents"]);
    assert.deepEqual(half[1]?.json.state, { on: true });
    assert.deepEqual(Object.keys(half[2]?.json ?? {}), ["previous", "current", "timestamp"]);
    const whole = ask(`${SHADOW}/update`, { state: { reported: { on: true } } });
    assert.deepEqual(topics(whole), ["update/accepted", "update/documents"]);
    const [gone] = ask(`${SHADOW}/update`, { state: { desired: null } });
    assert.deepEqual(gone?.json.state, { desired: null });
    const [read] = ask(`${SHADOW}/get`);
    assert.deepEqual(read?.json.state, { reported: { speed: 3, on: true } });
  });

  it("keeps named shadows apart from each other and from the classic one, also one called like a verb", () => {
    for (const [path, value] of [
      ["update", 1],
      ["name/update/update", 2],
      ["name/$package/update", 3],
    ] as const)
      ask(`${SHADOW}/${path}`, { state: { reported: { value } } });
    const value = (path: string) => JSON.stringify(ask(`${SHADOW}/${path}`)[0]?.json.state);
    assert.equal(value("get"), '{"reported":{"value":1}}');
    assert.equal(value("name/update/get"), '{"reported":{"value":2}}');
    assert.equal(value("name/$package/get"), '{"reported":{"value":3}}');
    const [missing] = ask(`${SHADOW}/name/other/get`);
    assert.equal(missing?.json.message, "No shadow exists with name: 'pump~other'");
  });

  it("refuses a version that is not the last one, and takes the last", () => {
    ask(`${SHADOW}/update`, { state: { reported: { a: 1 } } });
    for (const version of [0, 2]) {
      const [rejected] = ask(`${SHADOW}/update`, { state: { reported: { a: 2 } }, version, clientToken: "t" });
      assert.equal(rejected?.topic, `${SHADOW}/update/rejected`);
      assert.equal(rejected?.json.code, 409);
      assert.equal(rejected?.json.message, "Version conflict");
      assert.equal(rejected?.json.clientToken, "t");
    }
    assert.equal(ask(`${SHADOW}/update`, { state: {}, version: 1 })[0]?.json.version, 2);
    assert.equal(ask(`${SHADOW}/delete`, { version: 1 })[0]?.json.code, 409);
  });

  it("refuses what would make a shadow of more than 8 KiB out of two that fit", () => {
    const text = "x".repeat(5000);
    ask(`${SHADOW}/update`, { state: { reported: { a: text } } });
    const [rejected] = ask(`${SHADOW}/update`, { state: { reported: { b: text } } });
    assert.equal(rejected?.json.code, 413);
    assert.equal(ask(`${SHADOW}/update`, { state: { reported: { a: null, b: text } } })[0]?.json.version, 2);
  });

  it("answers more than 20 requests a second to a thing with 429", () => {
    const codes = Array.from({ length: 22 }, () => device.publish(`${SHADOW}/update`, { state: {} }));
    assert(codes.every(Boolean));
    cloud.settle(1);
    const rejected = device.take().filter(({ topic }) => topic.endsWith("/rejected"));
    assert.deepEqual(
      rejected.map(({ json }) => json.code),
      [429, 429],
    );
  });

  it("gives its answers to subscribers, whoever asked, and to nobody else", () => {
    const other = cloud.device("valve");
    const [read] = ask(`${SHADOW}/get`, "", other);
    assert.equal(read?.topic, `${SHADOW}/get/rejected`);
    assert.deepEqual(other.take(), []);
  });

  it("knows no shadow of a thing that is not there, unless told that a name will do", () => {
    const topic = "$aws/things/ghost/shadow/update";
    device.subscribe(["$aws/things/ghost/shadow/#"]);
    const [rejected] = ask(topic, { state: {} });
    assert.deepEqual([rejected?.topic, rejected?.json.code], [`${topic}/rejected`, 404]);
    const open = new VirtualCloud({ shadows: { needsThing: false } });
    const client = open.device();
    client.subscribe(["$aws/things/ghost/shadow/#"]);
    client.publish(topic, { state: {} });
    open.settle(1);
    assert.equal(client.take()[0]?.topic, `${topic}/accepted`);
    open.close();
  });

  it("is behind the policies: a device without leave is disconnected", () => {
    cloud.registry.addThing("valve", [LEAST_PRIVILEGE_POLICY]);
    const valve = cloud.device("valve");
    valve.publish("$aws/things/valve/shadow/update", { state: { reported: {} } });
    assert(valve.isClosed);
    const listener = cloud.device("valve");
    listener.subscribe(["$aws/things/valve/shadow/update/accepted"]);
    assert(listener.isClosed);
  });

  for (const path of ["", "update/accepted", "name/a", "name/a/get/x", "name//get", "named/a/get", "name/a b/get"])
    it(`leaves ${SHADOW}/${path} alone`, () => {
      assert.deepEqual(ask(`${SHADOW}/${path}`, { state: {} }), []);
      assert(!device.isClosed);
    });

  it("keeps shadows over a restart of the cloud", () => {
    ask(`${SHADOW}/update`, { state: { reported: { on: true } } });
    const { context, clock } = cloud;
    const again = new VirtualCloud({ store: context.store, clock });
    const client = again.device();
    client.subscribe([`${SHADOW}/get/+`]);
    client.publish(`${SHADOW}/get`);
    again.settle(1);
    assert.deepEqual(client.take()[0]?.json.state, { reported: { on: true } });
    again.close();
  });
});
