import { createHash } from "node:crypto";
import { arnOf } from "../context/arns.js";
import type { CloudClock, CloudContext } from "../context/context.js";
import { CountingFaultPlan, type MqttCounters } from "../faults/counting-fault-plan.js";
import { HttpFaults } from "../faults/http-faults.js";
import type { ExecutionRecord } from "../jobs/records.js";
import { DEVICE_POLICY_NAME, devicePolicyDocument } from "../policy/device-policy.js";
import { memoryContents } from "../s3/contents.js";
import { type CloudServices, createCloudServices } from "../services/cloud-services.js";
import { type CloudSwitches, DEFAULT_ACCOUNT, DEFAULT_REGION } from "../services/cloud-switches.js";
import { memoryStore } from "../store/memory-store.js";
import { createHttpServer, type HttpServer } from "./http-server.js";
import { MqttServer } from "./mqtt-server.js";

/** What a virtual AWS depends on: the same options, the same run. */
export interface VirtualAwsOptions {
  readonly clock: CloudClock;
  /** Random numbers in [0, 1); seeded where runs are to be equal. */
  readonly random: () => number;
  /** `presignHost` means nothing here: URLs name the host of the job document. */
  readonly switches?: CloudSwitches;
  /** One line for the operator's log. */
  readonly log?: (line: string) => void;
}

/**
 * The local AWS without sockets, files and promises: the same services on a clock of the caller's. Bytes go in and out
 * through the two servers' `accept`.
 */
export interface VirtualAws {
  readonly region: string;
  readonly account: string;
  readonly services: CloudServices;
  readonly mqtt: MqttServer;
  readonly http: HttpServer;
  readonly faults: { readonly http: HttpFaults; readonly mqtt: CountingFaultPlan };
  readonly counters: Readonly<MqttCounters>;
  /**
   * A thing with an active certificate and the device policy. `certificate`: its DER, only hashed, as TLS is the
   * network's business; default: the thing's name.
   */
  addDevice(thingName: string, certificate?: Uint8Array): { readonly certificateId: string };
  /** Puts, or replaces, an object. The bucket is made when it is missing. */
  putObject(bucket: string, key: string, bytes: Uint8Array): void;
  /** Removes an object and its bytes. Nothing happens when there is none. */
  removeObject(bucket: string, key: string): void;
  /** The latest execution of a job on a thing as the service keeps it, undefined while there is none. */
  execution(thingName: string, jobId: string): ExecutionRecord | undefined;
  /** Ends all connections and refuses new ones until {@link VirtualAws.comeBack}. */
  goAway(): void;
  comeBack(): void;
  close(): void;
}

/** A new local AWS with nothing in it. */
export function createVirtualAws(options: VirtualAwsOptions): VirtualAws {
  const { clock, random, switches = {}, log = () => {} } = options;
  const context: CloudContext = {
    clock,
    store: memoryStore(),
    region: switches.region ?? DEFAULT_REGION,
    account: switches.account ?? DEFAULT_ACCOUNT,
    random: (byteLength) => Uint8Array.from({ length: byteLength }, () => Math.floor(random() * 256)),
    log,
  };
  const services = createCloudServices({
    context,
    contents: memoryContents(),
    presignOrigin: () => undefined,
    ...(switches.jobs === undefined ? {} : { jobs: switches.jobs }),
    ...(switches.s3 === undefined ? {} : { s3: switches.s3 }),
    ...(switches.shadows === undefined ? {} : { shadows: switches.shadows }),
    ...(switches.indexing === undefined ? {} : { indexing: switches.indexing }),
  });
  const { registry, jobs, shadows, presence, bus, s3 } = services;
  const faults = { http: new HttpFaults(), mqtt: new CountingFaultPlan() };
  const broker = switches.broker === undefined ? {} : { options: switches.broker };
  const mqtt = new MqttServer({ context, registry, jobs, shadows, presence, bus, faults: faults.mqtt, ...broker });
  const http = createHttpServer({ s3, faults: faults.http });
  return {
    region: context.region,
    account: context.account,
    services,
    mqtt,
    http,
    faults,
    counters: faults.mqtt.counters,
    addDevice: (thingName, certificate = Buffer.from(thingName)) => addDevice(services, thingName, certificate),
    putObject: (bucket, key, bytes) => putObject(services, bucket, key, bytes),
    removeObject: (bucket, key) => removeObject(services, bucket, key),
    execution: (thingName, jobId) => jobs.store.latestExecution(thingName, jobId),
    goAway() {
      mqtt.goAway();
      http.goAway();
    },
    comeBack() {
      mqtt.comeBack();
      http.comeBack();
    },
    close() {
      mqtt.close();
      http.close();
      services.close();
    },
  };
}

function addDevice({ context, registry }: CloudServices, thingName: string, certificate: Uint8Array) {
  const certificateId = createHash("sha256").update(certificate).digest("hex");
  const now = context.clock.now();
  context.store.transaction(() => {
    registry.putThing({ thingName, thingId: certificateId.slice(0, 32), attributes: {}, version: 1 });
    registry.putCertificate({ certificateId, certificatePem: "", status: "ACTIVE", createdAt: now, modifiedAt: now });
    registry.putPolicy({
      policyName: DEVICE_POLICY_NAME,
      policyDocument: devicePolicyDocument(context),
      createdAt: now,
    });
    registry.attach("policy", DEVICE_POLICY_NAME, arnOf(context, "cert", certificateId));
    registry.attach("principal", thingName, certificateId);
  });
  return { certificateId };
}

function putObject({ context, s3 }: CloudServices, bucket: string, key: string, bytes: Uint8Array): void {
  if (s3.records.bucketCreatedAt(bucket) === undefined) s3.records.putBucket(bucket);
  s3.records.putObject(bucket, key, {
    contentId: s3.contents.write([bytes]),
    size: bytes.length,
    etag: `"${createHash("md5").update(bytes).digest("hex")}"`,
    lastModified: context.clock.now(),
    headers: {},
    checksums: {},
  });
}

function removeObject({ s3 }: CloudServices, bucket: string, key: string): void {
  const object = s3.records.object(bucket, key);
  if (object === undefined) return;
  s3.records.removeObject(bucket, key);
  s3.contents.remove(object.contentId);
}
