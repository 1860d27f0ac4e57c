import assert from "node:assert/strict";
import { FakeRegistry, LEAST_PRIVILEGE_POLICY, OPEN_POLICY } from "../support/fake-registry.js";
import type { MqttTestClient } from "../support/mqtt-test-client.js";
import { VirtualCloud, type VirtualCloudSettings } from "../support/virtual-cloud.js";

const SECOND = 1000;

for (const version of [4, 5] as const) {
  describe(`MQTT rules and limits of AWS IoT, MQTT ${version === 4 ? "3.1.1" : "5"}`, () => {
    let cloud: VirtualCloud;
    const start = (broker: NonNullable<VirtualCloudSettings["broker"]> = {}) => {
      cloud = new VirtualCloud({ broker });
    };
    const connected = (thing = "pump", clientId = thing, more: Parameters<MqttTestClient["connect"]>[1] = {}) => {
      const client = cloud.client(thing, version);
      client.connect(clientId, more);
      assert(
        client.packets.some((packet) => packet.cmd === "connack"),
        "no CONNACK",
      );
      return client;
    };
    const reasonOf = (client: MqttTestClient) => {
      const packet = client.packets.find(({ cmd }) => cmd === "disconnect");
      return packet?.cmd === "disconnect" ? packet.reasonCode : undefined;
    };
    const isRefused = (client: MqttTestClient, reason: number) => {
      assert(client.isClosed);
      assert.equal(reasonOf(client), version === 5 ? reason : undefined);
    };

    beforeEach(() => start());
    afterEach(() => cloud.close());

    it("check 13: takes eight filters in one SUBSCRIBE, closes at nine", () => {
      const filters = (count: number) => Array.from({ length: count }, (_, index) => `a/${index}`);
      const client = connected();
      assert.deepEqual(client.subscribe(filters(8)), [1, 1, 1, 1, 1, 1, 1, 1]);
      client.subscribe(filters(9));
      isRefused(client, 0x97);
    });

    it("takes as many filters in one UNSUBSCRIBE as a client may have, closes at more and at one that is none", () => {
      const filters = (count: number) => Array.from({ length: count }, (_, index) => `a/${index}`);
      for (const [unsubscriptions, reason] of [
        [filters(51), 0x97],
        [["a\u0000b"], 0x8f],
        [["x".repeat(3000)], 0x8f],
      ] as const) {
        const client = connected();
        client.send({ cmd: "unsubscribe", messageId: 7, unsubscriptions: filters(50) });
        assert(client.packets.some((packet) => packet.cmd === "unsuback" && packet.messageId === 7));
        client.send({ cmd: "unsubscribe", messageId: 8, unsubscriptions: [...unsubscriptions] });
        isRefused(client, reason);
      }
    });

    it("check 13: takes seven slashes in topics and filters, closes at eight", () => {
      const client = connected();
      assert.equal(client.publish("1/2/3/4/5/6/7/8"), true);
      assert.deepEqual(client.subscribe(["1/2/3/4/5/6/7/#"]), [1]);
      client.publish("1/2/3/4/5/6/7/8/9");
      isRefused(client, 0x90);
      const other = connected("valve");
      other.subscribe(["1/2/3/4/5/6/7/8/#"]);
      isRefused(other, 0x8f);
    });

    it("check 13: takes a topic of 256 bytes, closes at 257", () => {
      const client = connected();
      assert.equal(client.publish("é".repeat(128)), true);
      client.publish(`${"é".repeat(128)}x`);
      isRefused(client, 0x90);
    });

    it("check 13: QoS 2 is never acknowledged over 3.1.1, and ends an MQTT 5 connection", () => {
      const client = connected();
      assert.deepEqual(client.subscribe(["a"], 2), version === 5 ? [1] : []);
      client.publish("a", "x", { qos: 2 });
      assert(!client.packets.some(({ cmd }) => cmd === "pubrec"));
      if (version === 5) isRefused(client, 0x9b);
      else assert.equal(client.publish("a", "x"), true);
    });

    it("check 13: takes a payload of 128 KiB, closes above", () => {
      const client = connected();
      assert.equal(client.publish("a", new Uint8Array(128 * 1024)), true);
      client.publish("a", new Uint8Array(128 * 1024 + 1));
      isRefused(client, 0x95);
    });

    it("closes at the header of a packet that can only be too large", () => {
      const client = connected();
      client.sendBytes(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f));
      isRefused(client, 0x95);
    });

    it("check 13: a retained publish to a reserved topic ends the connection, or is ignored when so switched", () => {
      const client = connected();
      client.publish("$aws/things/pump/jobs/get", "", { retain: true });
      isRefused(client, 0x9a);
      cloud.close();
      start({ retainedReserved: "ignore" });
      const other = connected();
      assert.equal(other.publish("$aws/things/pump/jobs/get", "", { retain: true }), false);
      assert(!other.isClosed);
    });

    it("check 13: a topic of another thing ends the connection under the least-privilege policy", () => {
      for (const trespass of ["publish", "subscribe"] as const) {
        cloud.registry.addThing("pump", [LEAST_PRIVILEGE_POLICY]);
        const client = connected();
        assert.deepEqual(
          client.subscribe(["$aws/things/pump/jobs/notify-next", "$aws/things/pump/jobs/$next/get/+"]),
          [1, 1],
        );
        assert.equal(client.publish("$aws/things/pump/jobs/$next/get"), true);
        assert.equal(client.take().length, 1);
        if (trespass === "publish") client.publish("$aws/things/valve/jobs/$next/get");
        else client.subscribe(["$aws/things/valve/jobs/notify-next"]);
        isRefused(client, 0x87);
      }
    });

    it("answers an unauthorised SUBSCRIBE with a failure code when so switched", () => {
      cloud.close();
      start({ unauthorizedSubscribe: "refuse" });
      cloud.registry.addThing("pump", [LEAST_PRIVILEGE_POLICY]);
      const client = connected();
      const codes = client.subscribe(["$aws/things/valve/jobs/notify", "$aws/things/pump/jobs/notify"]);
      assert.deepEqual(codes, version === 5 ? [0x87, 1] : [0x80, 1]);
    });

    it("refuses filters of reserved topics that nobody documents, and unknown ones to publish to", () => {
      const client = connected();
      assert.deepEqual(
        client.subscribe(["$SYS/#", "$share/g/a", "a"]),
        version === 5 ? [0x8f, 0x8f, 1] : [0x80, 0x80, 1],
      );
      client.publish("$SYS/x");
      isRefused(client, 0x90);
    });

    it("refuses malformed filters and names with wildcards", () => {
      for (const filter of ["a/#/b", "a+/b", "a/b#", ""]) {
        const client = connected();
        client.subscribe([filter]);
        assert(client.isClosed, filter);
      }
      const client = connected();
      client.publish("a/+");
      isRefused(client, 0x90);
    });

    it("grants fifty subscriptions", () => {
      const client = connected();
      for (let index = 0; index < 50; index++) assert.deepEqual(client.subscribe([`a/${index}`]), [1]);
      assert.deepEqual(client.subscribe(["a/50", "a/1"]), version === 5 ? [0x97, 0x97] : [0x80, 0x80]);
    });

    it("check 14: the same client id twice closes the first connection", () => {
      const first = connected();
      const second = connected();
      isRefused(first, 0x8e);
      assert(!second.isClosed);
    });

    it("check 14: closes after one and a half keep-alives without a packet", () => {
      const client = connected("pump", "pump", { keepalive: 60 });
      cloud.settle(89 * SECOND);
      client.send({ cmd: "pingreq" });
      assert(client.packets.some(({ cmd }) => cmd === "pingresp"));
      cloud.settle(89 * SECOND);
      assert(!client.isClosed);
      cloud.settle(SECOND);
      isRefused(client, 0x8d);
    });

    it("check 14: raises a keep-alive below 30 s to 30 s, and takes 0 and more than 1200 s as 1200 s", () => {
      for (const [asked, effective] of [
        [5, 30],
        [0, 1200],
        [1300, 1200],
        [31, 31],
      ] as const) {
        const client = connected("pump", "pump", { keepalive: asked });
        cloud.settle(effective * 1500 - 1);
        assert(!client.isClosed, `${asked} s closed early`);
        cloud.settle(1);
        assert(client.isClosed, `${asked} s not closed`);
      }
    });

    it("closes a connection that does not say CONNECT, or says it twice", () => {
      const silent = cloud.client("pump", version);
      cloud.settle(30 * SECOND);
      assert(silent.isClosed);
      const twice = connected();
      twice.connect("pump");
      isRefused(twice, 0x82);
    });

    it("closes on bytes that are no MQTT", () => {
      for (const bytes of [
        [0x47, 0x45, 0x54, 0x20],
        [0x10, 0xff, 0xff, 0xff, 0xff],
        [0xf0, 0x00],
        [0x30, 0x01, 0x00],
      ]) {
        const client = cloud.client("pump", version);
        client.sendBytes(Uint8Array.from(bytes));
        client.sendBytes(new Uint8Array(80));
        assert(client.isClosed, String(bytes));
      }
    });

    it("refuses client ids that are too long or begin with $", () => {
      for (const clientId of ["x".repeat(129), "$x"]) {
        const client = cloud.client("pump", version);
        const connack = client.connect(clientId);
        assert.equal(version === 5 ? connack?.reasonCode : connack?.returnCode, version === 5 ? 0x85 : 2);
        assert(client.isClosed);
      }
    });

    it("answers an unauthorised CONNECT with code 7, or 0x87 over MQTT 5", () => {
      cloud.registry.addThing("pump", [LEAST_PRIVILEGE_POLICY]);
      const client = cloud.client("pump", version);
      const connack = client.connect("another-id");
      assert.equal(version === 5 ? connack?.reasonCode : connack?.returnCode, version === 5 ? 0x87 : 7);
      assert(client.isClosed);
    });

    it("check 15: takes no connection with an unknown or inactive certificate", () => {
      assert(cloud.client("stranger", version).isClosed);
      for (const status of ["INACTIVE", "REVOKED"] as const) {
        cloud.registry.setCertificate(FakeRegistry.certificateId("pump"), status, [OPEN_POLICY], ["pump"]);
        assert(cloud.client("pump", version).isClosed);
      }
    });

    it("a/# does not match a", () => {
      const client = connected();
      client.subscribe(["a/#"]);
      for (const topic of ["a", "a/", "a/b", "a/b/c", "ab"]) client.publish(topic, topic);
      assert.deepEqual(
        client.take().map(({ topic }) => topic),
        ["a/", "a/b", "a/b/c"],
      );
    });

    it("a filter that begins with a wildcard sees no reserved topic", () => {
      const client = connected();
      client.subscribe(["#", "+/things/pump/jobs/notify"]);
      cloud.createJob("fw-1");
      assert.deepEqual(client.take(), []);
    });

    it("retained messages reach exact filters only", () => {
      const client = connected();
      client.publish("state/one", "kept", { retain: true });
      client.subscribe(["state/#"]);
      assert.deepEqual(client.take(), []);
      client.subscribe(["state/one"]);
      assert.deepEqual(
        client.take().map(({ text }) => text),
        ["kept"],
      );
    });

    it("delivers with the lower QoS of publisher and subscriber", () => {
      const client = connected();
      client.subscribe(["zero"], 0);
      client.subscribe(["one"], 1);
      for (const topic of ["zero", "one"]) for (const qos of [0, 1] as const) client.publish(topic, "x", { qos });
      const received = client.packets.flatMap((packet) =>
        packet.cmd === "publish" ? [`${packet.topic} ${packet.qos}`] : [],
      );
      assert.deepEqual(received, ["zero 0", "zero 0", "one 0", "one 1"]);
    });

    it("discards what exceeds a hundred publishes a second", () => {
      const client = connected();
      const acknowledged = Array.from({ length: 120 }, () => client.publish("a", "x")).filter(Boolean);
      assert.equal(acknowledged.length, 100);
      assert(!client.isClosed);
      cloud.settle(SECOND);
      assert.equal(client.publish("a", "x"), true);
    });

    it("sends a QoS 1 message again, marked as duplicate, when a persistent session returns", () => {
      const properties = version === 5 ? { properties: { sessionExpiryInterval: 600 } } : {};
      const client = connected("pump", "pump", { clean: false, ...properties });
      client.subscribe(["a"]);
      client.lose();
      connected("valve").publish("a", "kept");
      const again = connected("pump", "pump", { clean: false, ...properties });
      const connack = again.packets.find(({ cmd }) => cmd === "connack");
      assert(connack?.cmd === "connack" && connack.sessionPresent);
      assert.deepEqual(
        again.take().map(({ text }) => text),
        ["kept"],
      );
    });

    it("forgets a persistent session after its expiry", () => {
      const expiry = version === 5 ? 600 : 3600;
      const properties = version === 5 ? { properties: { sessionExpiryInterval: 600 } } : {};
      for (const [seconds, present] of [
        [expiry - 1, true],
        [expiry, false],
      ] as const) {
        const client = connected("pump", "pump", { clean: false, ...properties });
        client.subscribe(["a"]);
        client.lose();
        cloud.settle(seconds * SECOND);
        const again = connected("pump", "pump", { clean: false, ...properties });
        const connack = again.packets.find(({ cmd }) => cmd === "connack");
        assert(connack?.cmd === "connack");
        assert.equal(connack.sessionPresent, present);
        again.lose();
        cloud.settle(expiry * SECOND);
      }
    });

    it("keeps no notification for an offline session when so switched", () => {
      cloud.close();
      start({ queueNotifications: false });
      const properties = version === 5 ? { properties: { sessionExpiryInterval: 600 } } : {};
      const client = connected("pump", "pump", { clean: false, ...properties });
      client.subscribe(["$aws/things/pump/jobs/notify-next"]);
      client.lose();
      cloud.createJob("fw-1");
      assert.deepEqual(connected("pump", "pump", { clean: false, ...properties }).take(), []);
    });

    it("holds no connection, timer or session of clients that left", () => {
      const before = cloud.clock.pending;
      for (let index = 0; index < 20; index++) {
        const client = connected("pump", `client-${index}`);
        client.subscribe(["a"]);
        if (index % 2 === 0) client.send({ cmd: "disconnect" });
        else client.lose();
      }
      cloud.settle(2 * SECOND);
      assert.equal(cloud.server.connectionCount, 0);
      assert.equal(cloud.clock.pending, before);
    });
  });
}
