import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetRetainedMessageCommand,
  GetThingShadowCommand,
  InvalidRequestException,
  IoTDataPlaneClient,
  ListRetainedMessagesCommand,
  PublishCommand,
  RequestEntityTooLargeException,
  ResourceNotFoundException,
} from "@aws-sdk/client-iot-data-plane";
import { connectAsync, type MqttClient } from "mqtt";
import { type LocalAws, startLocalAws } from "../../../host-sim/cloud/server/local-aws.js";
import { eventually } from "../support/local-aws.js";

const OPEN = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}';

describe("Publish and retained messages of iot-data, on a whole local AWS", function () {
  this.timeout(60_000);
  let dir: string;
  let cloud: LocalAws;
  let data: IoTDataPlaneClient;
  let client: MqttClient;
  const heard: string[] = [];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-messages-"));
    cloud = await startLocalAws({ dir: join(dir, "cloud") });
    const { region, credentials, https } = cloud;
    const httpsAgent = new Agent({ ca: readFileSync(cloud.ca) });
    const requestHandler = { httpsAgent };
    data = new IoTDataPlaneClient({ region, credentials, endpoint: https.url, requestHandler, maxAttempts: 1 });
    const device = await cloud.createDevice("lamp");
    const body = Buffer.from(JSON.stringify({ policyDocument: OPEN }));
    await cloud.operator.send({ service: "iot", method: "POST", target: "/policies/open", body });
    const principals = await cloud.operator.send({ service: "iot", method: "GET", target: "/things/lamp/principals" });
    const [target] = JSON.parse(principals.text).principals;
    const attach = Buffer.from(JSON.stringify({ target }));
    await cloud.operator.send({ service: "iot", method: "PUT", target: "/target-policies/open", body: attach });
    client = await connectAsync({
      protocol: "mqtts",
      ...cloud.mqtt,
      clientId: "lamp",
      ca: readFileSync(cloud.ca),
      cert: readFileSync(device.certificatePem),
      key: readFileSync(device.privateKeyPem),
    });
    client.on("message", (topic, payload, { retain }) => heard.push(`${topic} ${payload} ${retain}`));
  });
  after(async () => {
    await client.endAsync();
    data.destroy();
    await cloud.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    heard.length = 0;
  });
  const publish = (topic: string, payload: string | Uint8Array, more: { qos?: number; retain?: boolean } = {}) =>
    data.send(new PublishCommand({ topic, payload: Buffer.from(payload), ...more }));

  it("reach subscribers at once", async () => {
    await client.subscribeAsync("hall/#", { qos: 1 });
    await publish("hall/light 1", "on", { qos: 1 });
    await eventually(() => heard[0]);
    assert.deepEqual(heard, ["hall/light 1 on false"]);
  });

  it("are kept where they are retained, from whichever side, and listed until an empty one takes their place", async () => {
    const before = Date.now();
    await publish("state/b", "night", { qos: 1, retain: true });
    await client.publishAsync("state/a", "day", { qos: 1, retain: true });
    const kept = await data.send(new GetRetainedMessageCommand({ topic: "state/b" }));
    assert.deepEqual([kept.topic, Buffer.from(kept.payload ?? []).toString(), kept.qos], ["state/b", "night", 1]);
    assert((kept.lastModifiedTime ?? 0) >= before);
    const list = async (nextToken?: string) => data.send(new ListRetainedMessagesCommand({ maxResults: 1, nextToken }));
    const first = await list();
    assert.deepEqual(
      first.retainedTopics?.map(({ topic, payloadSize, qos }) => [topic, payloadSize, qos]),
      [["state/a", 3, 1]],
    );
    const second = await list(first.nextToken);
    assert.deepEqual([second.retainedTopics?.[0]?.topic, second.nextToken], ["state/b", undefined]);
    await client.subscribeAsync("state/b", { qos: 1 });
    await eventually(() => heard[0]);
    assert.deepEqual(heard, ["state/b night true"]);

    await publish("state/b", "", { retain: true });
    await eventually(() => heard[1]);
    await assert.rejects(data.send(new GetRetainedMessageCommand({ topic: "state/b" })), ResourceNotFoundException);
  });

  it("to the topics of services are their requests", async () => {
    const update = { state: { reported: { on: true } } };
    await publish("$aws/things/lamp/shadow/update", JSON.stringify(update), { qos: 1 });
    const { payload } = await data.send(new GetThingShadowCommand({ thingName: "lamp" }));
    assert.deepEqual(JSON.parse(Buffer.from(payload ?? []).toString()).state, update.state);
  });

  it("are refused where MQTT would refuse them", async () => {
    for (const topic of ["a/+", "a/#", "$other/a", "x".repeat(257), "1/2/3/4/5/6/7/8/9"])
      await assert.rejects(publish(topic, "a"), InvalidRequestException, topic);
    await assert.rejects(publish("a", "b", { qos: 2 }), InvalidRequestException);
    const update = "$aws/things/lamp/shadow/update";
    await assert.rejects(publish(update, "{}", { retain: true }), InvalidRequestException);
    await assert.rejects(publish("a", new Uint8Array(128 * 1024 + 1)), RequestEntityTooLargeException);
    await assert.rejects(data.send(new GetRetainedMessageCommand({ topic: "none" })), ResourceNotFoundException);
  });
});
