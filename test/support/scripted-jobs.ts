import mqtt, { type MqttClient } from "mqtt";

/**
 * One job for one thing, played by a client of any MQTT broker: the AWS IoT Jobs messages that a device needs, and
 * nothing more.
 */
export class ScriptedJobs {
  readonly updates: { status: string; statusDetails: Record<string, string>; expectedVersion?: unknown }[] = [];
  readonly #client: MqttClient;
  readonly #thingName: string;
  readonly #jobId: string;
  readonly #document: object;
  #status = "QUEUED";
  #version = 1;
  #details: Record<string, string> = {};

  private constructor(client: MqttClient, thingName: string, jobId: string, document: object) {
    this.#client = client;
    this.#thingName = thingName;
    this.#jobId = jobId;
    this.#document = document;
    client.on("message", (topic, payload) => this.#answer(topic, payload.toString("utf8")));
  }

  static async start(options: {
    readonly url: string;
    readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
    readonly thingName: string;
    readonly jobId: string;
    readonly document: object;
  }): Promise<ScriptedJobs> {
    const client = await mqtt.connectAsync(options.url, { ...options.tls, clientId: "scripted-jobs" });
    const jobs = new ScriptedJobs(client, options.thingName, options.jobId, options.document);
    await client.subscribeAsync(`$aws/things/${options.thingName}/jobs/#`, { qos: 1 });
    return jobs;
  }

  get status(): string {
    return this.#status;
  }

  async stop(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #answer(topic: string, payload: string): void {
    const [, , thing, , job = "", operation] = topic.split("/");
    if (thing !== this.#thingName || topic.endsWith("/accepted") || topic.endsWith("/rejected")) return;
    const { clientToken, ...request } = JSON.parse(payload === "" ? "{}" : payload);
    const reply = (kind: "accepted" | "rejected", body: object) =>
      this.#client.publish(`${topic}/${kind}`, JSON.stringify({ clientToken, timestamp: now(), ...body }), { qos: 1 });
    if (operation === "get" && (job === "$next" || job === this.#jobId)) {
      const over = this.#status === "SUCCEEDED" || this.#status === "FAILED" || this.#status === "REJECTED";
      reply("accepted", job === "$next" && over ? {} : { execution: this.#execution() });
    } else if (operation === "update" && job === this.#jobId) {
      if (request.expectedVersion !== undefined && Number(request.expectedVersion) !== this.#version) {
        reply("rejected", { code: "VersionMismatch", message: "wrong version", executionState: this.#state() });
        return;
      }
      this.updates.push(request);
      this.#status = request.status;
      this.#details = request.statusDetails ?? this.#details;
      this.#version += 1;
      reply("accepted", { executionState: this.#state() });
    }
  }

  #state() {
    return { status: this.#status, statusDetails: this.#details, versionNumber: this.#version };
  }

  #execution() {
    return {
      ...this.#state(),
      jobId: this.#jobId,
      queuedAt: now(),
      lastUpdatedAt: now(),
      executionNumber: 1,
      jobDocument: this.#document,
    };
  }
}

const now = () => Math.floor(Date.now() / 1000);
