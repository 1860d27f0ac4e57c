import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { SearchIndexCommand, UpdateIndexingConfigurationCommand } from "@aws-sdk/client-iot";
import { UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import mqtt, { type MqttClient } from "mqtt";
import { image } from "./support/images.js";
import { OperatedCloud } from "./support/operated-cloud.js";
import { SimulatedFleet } from "./support/simulated-fleet.js";

const names = ["lamp-1", "lamp-2", "lamp-3", "lamp:4"];

describe("the operator's tool with fleet indexing", function () {
  this.timeout(60_000);
  const operated = new OperatedCloud();
  const connections = new Map<string, MqttClient>();
  let fleet: SimulatedFleet;

  const connect = async (thing: string): Promise<void> => {
    const { certificatePem, privateKeyPem } = await operated.cloud.createDevice(thing);
    const { host, port } = operated.local.mqtt;
    const client = mqtt.connect({
      protocol: "mqtts",
      host: "127.0.0.1",
      port,
      servername: host,
      clientId: thing,
      ca: operated.local.ca,
      cert: readFileSync(certificatePem),
      key: readFileSync(privateKeyPem),
      reconnectPeriod: 0,
    });
    connections.set(thing, client);
    await new Promise<void>((resolve, reject) => client.once("connect", () => resolve()).once("error", reject));
  };
  const report = async (thingName: string, version: string) => {
    const payload = Buffer.from(JSON.stringify({ state: { reported: { version, project: "lamp" } } }));
    const data = await operated.aws.data();
    await data.send(new UpdateThingShadowCommand({ thingName, shadowName: "fota", payload }));
  };
  const untilIndexed = async (query: string, count: number) => {
    for (;;) {
      const found = await operated.iot.send(new SearchIndexCommand({ queryString: query })).catch(() => undefined);
      if (found?.things?.length === count) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  before(async () => {
    await operated.start();
    await operated.iot.send(
      new UpdateIndexingConfigurationCommand({
        thingIndexingConfiguration: {
          thingIndexingMode: "REGISTRY_AND_SHADOW",
          thingConnectivityIndexingMode: "STATUS",
          namedShadowIndexingMode: "ON",
          filter: { namedShadowNames: ["fota"] },
        },
      }),
    );
    for (const name of names) await connect(name);
    await operated.group("lamps", ...names);
    fleet = new SimulatedFleet(operated.local, names, "1.0.0");
    for (const name of names) await report(name, "1.0.0");
    await untilIndexed("connectivity.connected:true", 4);
  });
  after(async () => {
    for (const client of connections.values()) client.end(true);
    fleet.close();
    await operated.stop();
  });

  it("knows the whole fleet by one question", async () => {
    await untilIndexed("shadow.name.fota.reported.version:1.0.0", 4);
    const { code, out, err } = await operated.here("status", "--group", "lamps", "--calls");
    assert.equal(code, 0, err);
    assert.match(out, /^4 devices, by fleet indexing$/m);
    assert.match(out, /^1\.0\.0 +lamp +4$/m);
    const calls = JSON.parse(/calls: (.*)/.exec(err)?.[1] ?? "");
    assert.equal(calls["iot:SearchIndex"], 1);
    assert.equal(calls["iot:GetThingShadow"], undefined);
    assert.match((await operated.here("device", "lamp-1")).out, /^connected for \d+ s$/m);
  });

  it("releases the rest only while the canaries are connected", async () => {
    const file = operated.file("v2.bin", image("1.0.2", { project: "lamp" }));
    const canary = ["--canary", "2", "--soak", "0", "--job", "lamps-2"];
    const made = await operated.here("publish", file, "--to", "lamps", "--unsigned", ...canary);
    assert.equal(made.code, 0, made.err);
    await fleet.untilQueued(operated.iot, "lamps-2");
    await fleet.sweep(() => ({ status: "SUCCEEDED" }));
    const canaries = names.filter((name) => fleet.versions.get(name) === "1.0.2");
    assert.equal(canaries.length, 2);
    const [lost = ""] = canaries;
    connections.get(lost)?.end(true);
    await untilIndexed("connectivity.connected:true", 3);
    const early = await operated.here("release", "lamps-2");
    assert.equal(early.code, 6);
    assert.equal(early.err, `fota: lamps-2 is not released: 1 canaries were not connected for 0 minutes: ${lost}\n`);
    await connect(lost);
    await untilIndexed("connectivity.connected:true", 4);
    const released = await operated.here("release", "lamps-2");
    assert.deepEqual([released.code, released.out], [0, "lamps-2 is released for lamps\n"]);
  });

  it("finds indexing good in doctor", async () => {
    const { out } = await operated.here("doctor");
    assert.match(out, /^ok {2}fleet indexing: REGISTRY_AND_SHADOW, with connectivity$/m);
  });
});
