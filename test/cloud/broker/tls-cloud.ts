import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IClientOptions, MqttClient } from "mqtt";
import { connect } from "mqtt";
import type { BrokerOptions } from "../../../host-sim/cloud/broker/options.js";
import { type Broker, startBroker } from "../../../host-sim/cloud/broker/start-broker.js";
import type { CloudContext, CloudStore } from "../../../host-sim/cloud/context/context.js";
import { MessageBus } from "../../../host-sim/cloud/context/message-bus.js";
import { wallClock } from "../../../host-sim/cloud/context/wall-clock.js";
import { FaultPlan } from "../../../host-sim/cloud/faults/fault-plan.js";
import { type JobsOptions, type JobsService, openJobs } from "../../../host-sim/cloud/jobs/index.js";
import type { Identity } from "../../../host-sim/cloud/pki/issue.js";
import { openPki, type Pki } from "../../../host-sim/cloud/pki/pki.js";
import { PresenceBook } from "../../../host-sim/cloud/presence/presence-book.js";
import { ShadowService } from "../../../host-sim/cloud/shadows/service.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";
import { FakeRegistry, LEAST_PRIVILEGE_POLICY, OPEN_POLICY } from "../support/fake-registry.js";

const directory = mkdtempSync(join(tmpdir(), "aws-fota-broker-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

export interface Identities {
  readonly pki: Pki;
  readonly pump: Identity;
  readonly valve: Identity;
  readonly stranger: Identity;
}
let identities: Promise<Identities> | undefined;

/** One authority and three device certificates for all tests of a run: making RSA keys is slow. */
export function testIdentities(): Promise<Identities> {
  identities ??= (async () => {
    const pki = await openPki(directory, "us-east-1");
    const [pump, valve, stranger] = [await pki.issueDevice(), await pki.issueDevice(), await pki.issueDevice()];
    return { pki, pump, valve, stranger };
  })();
  return identities;
}

export function certificateIdOf(identity: Identity): string {
  return createHash("sha256").update(new X509Certificate(identity.certificatePem).raw).digest("hex");
}

/**
 * The broker on a real port with real TLS, over a fake registry that knows `pump` (any topic) and `valve` (its own
 * only).
 */
export class TlsCloud {
  readonly #clients: MqttClient[] = [];

  private constructor(
    readonly broker: Broker,
    readonly jobs: JobsService,
    readonly registry: FakeRegistry,
    readonly faults: FaultPlan,
    readonly identities: Identities,
    readonly context: CloudContext,
  ) {}

  static async start(
    settings: {
      broker?: Partial<BrokerOptions>;
      jobs?: Partial<JobsOptions>;
      store?: CloudStore;
      port?: number;
      /** Milliseconds by which the cloud's clock is off. */
      clockOffset?: number;
    } = {},
  ): Promise<TlsCloud> {
    const { clockOffset = 0 } = settings;
    const all = await testIdentities();
    const registry = new FakeRegistry();
    registry.things.add("pump").add("valve");
    registry.setCertificate(certificateIdOf(all.pump), "ACTIVE", [OPEN_POLICY], ["pump"]);
    registry.setCertificate(certificateIdOf(all.valve), "ACTIVE", [LEAST_PRIVILEGE_POLICY], ["valve"]);
    const context: CloudContext = {
      clock: { now: () => Date.now() + clockOffset, after: wallClock.after },
      store: settings.store ?? memoryStore(),
      region: "us-east-1",
      account: "123456789012",
      random: (byteLength) => new Uint8Array(randomBytes(byteLength)),
      log: () => {},
    };
    const faults = new FaultPlan();
    const jobs = openJobs({
      context,
      registry,
      presign: (url) => `${url}?signed`,
      options: { rolloutDelayMs: 0, ...settings.jobs },
    });
    const shadows = new ShadowService({ context, registry });
    const presence = new PresenceBook(context, registry);
    const tls = { cert: all.pki.serverChainPem, key: all.pki.serverKeyPem, ca: all.pki.caPem };
    const options = settings.broker ?? {};
    const broker = await startBroker({
      context,
      registry,
      jobs,
      shadows,
      presence,
      bus: new MessageBus(),
      tls,
      faults,
      options,
      port: settings.port ?? 0,
    });
    return new TlsCloud(broker, jobs, registry, faults, all, context);
  }

  /** Options of an unmodified MQTT.js client with the certificate of `pump`. */
  clientOptions(identity: Identity = this.identities.pump): IClientOptions {
    return {
      host: "localhost",
      port: this.broker.port,
      protocol: "mqtts",
      ca: this.identities.pki.caPem,
      cert: identity.certificatePem,
      key: identity.privateKeyPem,
      servername: "localhost",
      reconnectPeriod: 0,
      connectTimeout: 5000,
    };
  }

  client(options: IClientOptions = {}, identity?: Identity): MqttClient {
    const client = connect({ ...this.clientOptions(identity), ...options });
    client.on("error", () => {});
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    await this.broker.close();
    this.jobs.close();
  }
}

/** The next event of a client, as a list of its arguments; "close" instead of it is an error. */
export function nextEvent(client: MqttClient, name: "connect" | "close" | "message"): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error(`closed while waiting for ${name}`));
    if (name !== "close") client.once("close", onClose);
    client.once(name as "message", (...args: unknown[]) => {
      client.off("close", onClose);
      resolve(args);
    });
  });
}
