import type { BrokerOptions } from "../../../host-sim/cloud/broker/options.js";
import type { CloudContext, CloudStore } from "../../../host-sim/cloud/context/context.js";
import { MessageBus } from "../../../host-sim/cloud/context/message-bus.js";
import { FaultPlan } from "../../../host-sim/cloud/faults/fault-plan.js";
import {
  control,
  type JobsOptions,
  type JobsService,
  type OperationInput,
  openJobs,
} from "../../../host-sim/cloud/jobs/index.js";
import { PresenceBook } from "../../../host-sim/cloud/presence/presence-book.js";
import type { ShadowOptions } from "../../../host-sim/cloud/shadows/options.js";
import { ShadowService } from "../../../host-sim/cloud/shadows/service.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";
import { MqttServer } from "../../../host-sim/cloud/virtual/mqtt-server.js";
import { FakeRegistry, OPEN_POLICY } from "./fake-registry.js";
import { MqttTestClient } from "./mqtt-test-client.js";
import { VirtualClock } from "./virtual-clock.js";

export const DOCUMENT = {
  operation: "app_fw_update",
  fwversion: "1.0.2",
  size: 4096,
  location: { host: "h", path: "p" },
};

export interface VirtualCloudSettings {
  readonly jobs?: Partial<JobsOptions>;
  readonly broker?: Partial<BrokerOptions>;
  readonly shadows?: Partial<ShadowOptions>;
  readonly store?: CloudStore;
  /** A clock that an earlier cloud over the same store used. */
  readonly clock?: VirtualClock;
}

/**
 * The Jobs service behind the virtual MQTT server, on a virtual clock, with the things `pump` and `valve` and their
 * certificates.
 */
export class VirtualCloud {
  readonly clock: VirtualClock;
  readonly registry = new FakeRegistry();
  readonly faults = new FaultPlan();
  readonly context: CloudContext;
  readonly jobs: JobsService;
  readonly shadows: ShadowService;
  readonly presence: PresenceBook;
  readonly bus = new MessageBus();
  readonly server: MqttServer;
  readonly presigned: string[] = [];
  readonly objects = new Map<string, string>();
  readonly logged: string[] = [];

  constructor({
    jobs = {},
    broker = {},
    shadows = {},
    store = memoryStore(),
    clock = new VirtualClock(),
  }: VirtualCloudSettings = {}) {
    this.clock = clock;
    let seed = 1;
    this.context = {
      clock,
      store,
      region: "us-east-1",
      account: "123456789012",
      random: (byteLength) =>
        Uint8Array.from({ length: byteLength }, () => {
          seed = (seed * 48_271) % 2_147_483_647;
          return seed & 0xff;
        }),
      log: (line) => this.logged.push(line),
    };
    for (const name of ["pump", "valve"]) this.registry.addThing(name, [OPEN_POLICY]);
    this.jobs = openJobs({
      context: this.context,
      registry: this.registry,
      presign: (url, expiresInSec) => {
        this.presigned.push(url);
        return `${url}?X-Amz-Expires=${expiresInSec}&X-Amz-Signature=${this.presigned.length}`;
      },
      readS3Object: (url) => this.objects.get(url),
      options: jobs,
    });
    this.shadows = new ShadowService({ context: this.context, registry: this.registry, options: shadows });
    this.presence = new PresenceBook(this.context, this.registry);
    this.server = new MqttServer({
      context: this.context,
      registry: this.registry,
      jobs: this.jobs,
      shadows: this.shadows,
      presence: this.presence,
      bus: this.bus,
      faults: this.faults,
      options: broker,
    });
  }

  arn(thingName: string): string {
    return `arn:aws:iot:us-east-1:123456789012:thing/${thingName}`;
  }

  groupArn(name: string): string {
    return `arn:aws:iot:us-east-1:123456789012:thinggroup/${name}`;
  }

  /** Creates a job for one thing and lets its roll-out run. */
  createJob(jobId: string, more: OperationInput = {}): void {
    control.createJob(this.jobs, { jobId, targets: [this.arn("pump")], document: JSON.stringify(DOCUMENT), ...more });
    this.settle();
  }

  /** Lets pass the time in which the service does what it owes. */
  settle(ms = 200): void {
    this.clock.advance(ms);
  }

  jobStatus(jobId: string): unknown {
    return this.job(jobId).status;
  }

  job(jobId: string): Readonly<Record<string, unknown>> {
    const { job } = control.describeJob(this.jobs, { jobId });
    return typeof job === "object" && job !== null ? { ...job } : {};
  }

  /** A connection that has not said CONNECT. */
  client(certificateOf: string, version: 4 | 5 = 4): MqttTestClient {
    return new MqttTestClient(this.server, FakeRegistry.certificateId(certificateOf), version);
  }

  /** A connected device. */
  device(thingName = "pump", clientId = thingName): MqttTestClient {
    const client = this.client(thingName);
    client.connect(clientId, { keepalive: 1200 });
    return client;
  }

  /** A connected device that listens to `notify` and `notify-next`. */
  listening(thingName = "pump", clientId = thingName): MqttTestClient {
    const client = this.device(thingName, clientId);
    client.subscribe([`$aws/things/${thingName}/jobs/notify`, `$aws/things/${thingName}/jobs/notify-next`]);
    return client;
  }

  close(): void {
    this.server.close();
    this.jobs.close();
    this.shadows.close();
  }
}
