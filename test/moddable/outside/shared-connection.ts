/** A fleet's backend: reads the telemetry of one device, and sends it a command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalAws } from "local-aws-iot";
import { connectAsync, type MqttClient } from "mqtt";
import { ROOT } from "./outside-application.js";

const BACKEND = "backend";
const POLICY_NAME = "telemetry";

/** The statements that examples/telemetry/README.md adds to a device's policy. */
function printedPolicy({ region, account }: LocalAws): string {
  const text = readFileSync(join(ROOT, "examples", "telemetry", "README.md"), "utf8");
  const printed = /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  return JSON.stringify(JSON.parse(printed.replaceAll("REGION", region).replaceAll("ACCOUNT", account)));
}

async function attach(cloud: LocalAws, thingName: string, policyName: string, policyDocument: string): Promise<void> {
  const send = async (method: string, target: string, body?: object): Promise<string> => {
    const answer = await cloud.operator.send({
      service: "iot",
      method,
      target,
      ...(body && {
        body: new TextEncoder().encode(JSON.stringify(body)),
        headers: { "content-type": "application/json" },
      }),
    });
    if (answer.status !== 200) throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
    return answer.text;
  };
  await send("POST", `/policies/${policyName}`, { policyDocument });
  const { principals }: { principals: string[] } = JSON.parse(await send("GET", `/things/${thingName}/principals`));
  for (const target of principals) await send("PUT", `/target-policies/${policyName}`, { target });
}

const ANYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }],
});

export class SharedConnection {
  /** What the device sent, oldest first. */
  readonly states: { readonly on: boolean; readonly update: string }[] = [];
  readonly #client: MqttClient;

  private constructor(client: MqttClient, thingName: string) {
    this.#client = client;
    let asked = false;
    client.on("message", (_topic, payload) => {
      const state: SharedConnection["states"][number] = JSON.parse(payload.toString());
      this.states.push(state);
      if (asked || state.update !== "downloading") return;
      asked = true;
      client.publish(`lamps/${thingName}/command`, "on", { qos: 1 });
    });
  }

  /** The device may use its topics from here on, by the policy that the example's page prints. */
  static async open(cloud: LocalAws, thingName: string): Promise<SharedConnection> {
    await attach(cloud, thingName, POLICY_NAME, printedPolicy(cloud));
    const { certificatePem, privateKeyPem } = await cloud.createDevice(BACKEND);
    await attach(cloud, BACKEND, BACKEND, ANYTHING);
    const client = await connectAsync({
      protocol: "mqtts",
      host: cloud.mqtt.host,
      port: cloud.mqtt.port,
      clientId: BACKEND,
      ca: readFileSync(cloud.ca),
      cert: readFileSync(certificatePem),
      key: readFileSync(privateKeyPem),
    });
    const connection = new SharedConnection(client, thingName);
    await client.subscribeAsync(`lamps/${thingName}/state`, { qos: 1 });
    return connection;
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
