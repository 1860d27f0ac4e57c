import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import type { MqttClient } from "mqtt";
import { control } from "../../../host-sim/cloud/jobs/index.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";
import { certificateIdOf, nextEvent, TlsCloud } from "./tls-cloud.js";

const JOBS = "$aws/things/pump/jobs";

describe("MQTT broker over TLS, unmodified MQTT.js clients", () => {
  let cloud: TlsCloud;

  beforeEach(async () => {
    cloud = await TlsCloud.start();
  });
  afterEach(() => cloud.close());

  const connected = async (...settings: Parameters<TlsCloud["client"]>): Promise<MqttClient> => {
    const client = cloud.client(...settings);
    await nextEvent(client, "connect");
    return client;
  };
  const collect = (client: MqttClient) => {
    const heard: string[] = [];
    client.on("message", (topic, payload) => heard.push(`${topic} ${payload}`));
    return heard;
  };
  const until = async (condition: () => boolean) => {
    for (let tries = 0; !condition(); tries++) {
      assert(tries < 500, "timed out");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const job = (jobId: string) =>
    control.createJob(cloud.jobs, {
      jobId,
      targets: ["arn:aws:iot:us-east-1:123456789012:thing/pump"],
      document: '{"operation":"x"}',
    });

  it("closes connections beyond its number at once, and takes new ones when others have gone", async () => {
    await cloud.close();
    cloud = await TlsCloud.start({ broker: { maxConnections: 2 } });
    const [first] = [
      await connected({ clientId: "pump" }),
      await connected({ clientId: "valve" }, cloud.identities.valve),
    ];
    const third = connectTcp(cloud.broker.port, "127.0.0.1");
    await new Promise((resolve) => third.once("close", resolve));
    await first?.endAsync();
    await until(() => cloud.broker.connectionCount === 1);
    await connected({ clientId: "pump" });
  });

  for (const protocolVersion of [4, 5] as const) {
    describe(`with MQTT ${protocolVersion === 4 ? "3.1.1" : "5"}`, () => {
      it("takes a device through a whole job", async () => {
        const device = await connected({ clientId: "pump", protocolVersion });
        const heard = collect(device);
        const granted = await device.subscribeAsync([`${JOBS}/notify-next`, `${JOBS}/notify`, `${JOBS}/$next/get/+`], {
          qos: 1,
        });
        assert.deepEqual(
          granted.map(({ qos }) => qos),
          [1, 1, 1],
        );
        job("fw-1");
        await until(() => heard.length === 2);
        assert.match(heard[1] ?? "", /notify-next .*"jobDocument":\{"operation":"x"\}/);
        await device.publishAsync(`${JOBS}/fw-1/update`, '{"status":"IN_PROGRESS","clientToken":"t"}', { qos: 1 });
        await until(() => heard.length === 3);
        assert.match(heard[2] ?? "", /fw-1\/update\/accepted .*"clientToken":"t"/);
        await device.publishAsync(`${JOBS}/fw-1/update`, '{"status":"SUCCEEDED"}', { qos: 1 });
        await until(() => heard.length === 6);
        assert.deepEqual(
          heard.slice(3).map((line) => line.split(" ")[0]?.slice(JOBS.length + 1)),
          ["fw-1/update/accepted", "notify", "notify-next"],
        );
        const { job: described } = control.describeJob(cloud.jobs, { jobId: "fw-1" });
        assert(typeof described === "object" && described !== null && "status" in described);
        assert.equal(described.status, "COMPLETED");
      });

      it("check 1: answers the requester alone, subscribed or not", async () => {
        const requester = await connected({ clientId: "a", protocolVersion });
        const listener = await connected({ clientId: "b", protocolVersion });
        const [answers, others] = [collect(requester), collect(listener)];
        await listener.subscribeAsync(`${JOBS}/#`, { qos: 1 });
        await requester.publishAsync(`${JOBS}/$next/get`, "{}", { qos: 1 });
        await until(() => answers.length === 1);
        job("fw-1");
        await until(() => others.length === 2);
        assert.deepEqual(
          others.map((line) => line.split(" ")[0]),
          [`${JOBS}/notify`, `${JOBS}/notify-next`],
        );
        assert.equal(answers.length, 1);
      });

      it("check 14: the same client id twice closes the first connection", async () => {
        const first = await connected({ clientId: "pump", protocolVersion });
        const closed = nextEvent(first, "close");
        const second = await connected({ clientId: "pump", protocolVersion });
        await closed;
        assert(second.connected);
      });

      it("keeps subscriptions and QoS 1 messages of a persistent session", async () => {
        const properties = protocolVersion === 5 ? { sessionExpiryInterval: 600 } : undefined;
        const options = { clientId: "pump", clean: false, protocolVersion, ...(properties ? { properties } : {}) };
        const first = await connected(options);
        await first.subscribeAsync("app/news", { qos: 1 });
        await first.endAsync();
        const sender = await connected({ clientId: "sender" });
        await sender.publishAsync("app/news", "one", { qos: 1 });
        await sender.publishAsync("app/news", "lost", { qos: 0 });
        const second = cloud.client(options);
        const heard = collect(second);
        const [connack] = await nextEvent(second, "connect");
        assert(typeof connack === "object" && connack !== null && "sessionPresent" in connack);
        assert.equal(connack.sessionPresent, true);
        await until(() => heard.length === 1);
        assert.deepEqual(heard, ["app/news one"]);
      });

      it("check 16: does not replay to a clean session", async () => {
        const first = await connected({ clientId: "pump", protocolVersion });
        await first.subscribeAsync(`${JOBS}/notify-next`, { qos: 1 });
        await first.endAsync();
        job("fw-1");
        const second = await connected({ clientId: "pump", protocolVersion });
        const heard = collect(second);
        await second.subscribeAsync(`${JOBS}/notify-next`, { qos: 1 });
        await second.publishAsync(`${JOBS}/$next/get`, "", { qos: 1 });
        await until(() => heard.length > 0);
        assert.match(heard[0] ?? "", /\$next\/get\/accepted .*"fw-1"/);
      });

      it("check 13: closes the connection of a client that touches another thing's topics", async () => {
        for (const trespass of ["publish", "subscribe"] as const) {
          const valve = await connected({ clientId: "valve", protocolVersion }, cloud.identities.valve);
          await valve.subscribeAsync("$aws/things/valve/jobs/notify-next", { qos: 1 });
          const closed = nextEvent(valve, "close");
          if (trespass === "publish") valve.publish(`${JOBS}/get`, "{}", { qos: 1 });
          else valve.subscribe(`${JOBS}/notify-next`);
          await closed;
        }
      });
    });
  }

  // MQTT.js hands them to TLS, though its typings do not know them.
  const only = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") => ({ minVersion: version, maxVersion: version });

  it("check 15: takes TLS 1.2 and 1.3, refuses 1.1", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      await connected({ clientId: version.replace(".", ""), ...only(version) });
    }
    const old = cloud.client({ clientId: "old", ...only("TLSv1.1") });
    await nextEvent(old, "close");
  });

  it("check 15: takes ALPN x-amzn-mqtt-ca and refuses another protocol", async () => {
    await connected({ clientId: "alpn", ALPNProtocols: ["x-amzn-mqtt-ca"] });
    const other = cloud.client({ clientId: "other", ALPNProtocols: ["h2"] });
    await nextEvent(other, "close");
  });

  it("check 15: refuses a certificate that is unknown, inactive or revoked, and a missing one", async () => {
    await nextEvent(cloud.client({ clientId: "x" }, cloud.identities.stranger), "close");
    for (const status of ["INACTIVE", "REVOKED"] as const) {
      cloud.registry.setCertificate(certificateIdOf(cloud.identities.stranger), status, [], []);
      await nextEvent(cloud.client({ clientId: "x" }, cloud.identities.stranger), "close");
    }
    const { ca, port } = cloud.clientOptions();
    assert(typeof ca === "string");
    await new Promise<void>((resolve) => {
      const socket = connectTls({ host: "localhost", port: port ?? 0, ca, servername: "localhost" });
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
  });

  it("check 15: refuses a connection without server name, unless switched off", async () => {
    const options = { clientId: "pump", host: "127.0.0.1", servername: "" };
    await nextEvent(cloud.client(options), "close");
    await cloud.close();
    cloud = await TlsCloud.start({ broker: { requireServerName: false } });
    await connected(options);
  });

  it("refuses CONNECT without iot:Connect, with a return code", async () => {
    const errors: unknown[] = [];
    const client = cloud.client({ clientId: "pump" }, cloud.identities.valve);
    client.on("error", (error) => errors.push(error));
    await nextEvent(client, "close");
    assert.equal(errors.length, 1);
  });

  it("restores persistent sessions and their messages after a restart of the cloud", async () => {
    const store = memoryStore();
    await cloud.close();
    cloud = await TlsCloud.start({ store });
    const options = { clientId: "pump", clean: false };
    const first = await connected(options);
    await first.subscribeAsync("app/+/news", { qos: 1 });
    await first.endAsync();
    const sender = await connected({ clientId: "sender" });
    await sender.publishAsync("app/1/news", "kept", { qos: 1 });
    await sender.publishAsync("app/state", "retained", { qos: 1, retain: true });
    await cloud.close();
    cloud = await TlsCloud.start({ store });
    const second = cloud.client(options);
    const heard = collect(second);
    await nextEvent(second, "connect");
    await until(() => heard.length === 1);
    await second.subscribeAsync("app/state");
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ["app/1/news kept", "app/state retained"]);
  });

  it("delivers every message when QoS 0 and QoS 1 are mixed", async () => {
    const listener = await connected({ clientId: "listener" });
    const heard = collect(listener);
    await listener.subscribeAsync("app/#", { qos: 1 });
    const sender = await connected({ clientId: "sender" });
    for (let index = 0; index < 40; index++) sender.publish(`app/${index}`, "", { qos: index % 2 === 0 ? 1 : 0 });
    await until(() => heard.length === 40);
  });

  it("publishes presence", async () => {
    const watcher = await connected({ clientId: "watcher" });
    const heard = collect(watcher);
    await watcher.subscribeAsync(["$aws/events/presence/connected/+", "$aws/events/presence/disconnected/+"]);
    const device = await connected({ clientId: "pump" });
    await device.endAsync();
    cloud.broker.kick("watcher-of-nothing");
    await until(() => heard.length === 2);
    assert.match(heard[0] ?? "", /connected\/pump .*"eventType":"connected"/);
    assert.match(heard[1] ?? "", /"disconnectReason":"CLIENT_INITIATED_DISCONNECT"/);
  });

  it("publishes the will of a client that is lost, not of one that left", async () => {
    const watcher = await connected({ clientId: "watcher" });
    const heard = collect(watcher);
    await watcher.subscribeAsync("wills/#", { qos: 1 });
    const will = (name: string) => ({ topic: `wills/${name}`, payload: "gone", qos: 1, retain: false }) as const;
    const lost = await connected({ clientId: "lost", will: will("lost") });
    const left = await connected({ clientId: "left", will: will("left") });
    await left.endAsync();
    lost.stream.destroy();
    await until(() => heard.length === 1);
    assert.deepEqual(heard, ["wills/lost gone"]);
  });

  it("closes although a client neither speaks nor leaves", async () => {
    const socket = connectTcp(cloud.broker.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await cloud.broker.close();
    await closed;
  });

  it("goes away and comes back", async () => {
    const device = await connected({ clientId: "pump" });
    const closed = nextEvent(device, "close");
    cloud.broker.goAway();
    await closed;
    await nextEvent(cloud.client({ clientId: "pump" }), "close");
    cloud.broker.comeBack();
    await connected({ clientId: "pump" });
  });
});
