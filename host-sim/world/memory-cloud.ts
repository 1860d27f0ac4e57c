import { createHash } from "node:crypto";
import { type Faults, type Link, MemoryNetwork, type PeerConnection } from "../board/network/index.js";
import { seededRandom } from "../board/random.js";
import type { VirtualClock } from "../board/virtual-clock.js";
import type { CloudContext } from "../cloud/context.js";
import { FaultPlan } from "../cloud/faults/fault-plan.js";
import { HttpFaults } from "../cloud/faults/http-faults.js";
import { arnOf } from "../cloud/iot/arns.js";
import { control } from "../cloud/jobs/index.js";
import type { JobsOptions } from "../cloud/jobs/options.js";
import type { ExecutionRecord } from "../cloud/jobs/records.js";
import { DEVICE_POLICY_NAME, devicePolicyDocument } from "../cloud/local/device-policy.js";
import { createHttpServer, type HttpServer } from "../cloud/memory/http-peer.js";
import { createMqttServer, type MqttServer } from "../cloud/memory/mqtt-peer.js";
import { memoryContents } from "../cloud/s3/contents.js";
import type { S3Switches } from "../cloud/s3/service.js";
import { type CloudServices, createCloudServices } from "../cloud/services.js";
import { memoryStore } from "../cloud/store/memory-store.js";

/** Names as they are on AWS, so that what the firmware makes of them is tested too. */
export const MQTT_HOST = "a1b2c3d4e5f6g7-ats.iot.us-east-1.amazonaws.com";
export const S3_HOST = "s3.us-east-1.amazonaws.com";
const MQTT_PORT = 8883;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;
const BUCKET = "firmware";
const DAY_MS = 86_400_000;

export interface MemoryCloudOptions {
  readonly clock: VirtualClock;
  readonly thingName: string;
  /** The device's certificate, DER; nothing in memory looks into it. */
  readonly certificate: Uint8Array;
  readonly seed: number;
  readonly link?: Partial<Link>;
  readonly faults?: Faults;
  /** TCP window of the board, bytes. Default 8192. */
  readonly window?: number;
  readonly jobs?: Partial<JobsOptions>;
  readonly s3?: Partial<S3Switches>;
}

export interface MemoryJob {
  readonly image: Uint8Array;
  /** `fwversion`. */
  readonly version: string;
  readonly jobId: string;
  /** Members that replace those of the document. */
  readonly document?: Readonly<Record<string, unknown>>;
  /** Members of the CreateJob request, such as `timeoutConfig`. */
  readonly job?: Readonly<Record<string, unknown>>;
  /** Seconds, default 3600. */
  readonly urlExpiresInSec?: number;
}

/** The local AWS on a network in memory: one thing, its broker, its Jobs and its bucket. Synchronous, on the virtual clock. */
export class MemoryCloud {
  readonly network: MemoryNetwork;
  readonly services: CloudServices;
  readonly mqtt: MqttServer;
  readonly http: HttpServer;
  readonly mqttFaults = new FaultPlan();
  readonly httpFaults = new HttpFaults();
  readonly #thingName: string;
  readonly #context: CloudContext;

  constructor(options: MemoryCloudOptions) {
    const { clock, thingName, certificate, link, faults, window } = options;
    this.#thingName = thingName;
    const random = seededRandom(options.seed);
    this.#context = {
      clock,
      store: memoryStore(),
      region: "us-east-1",
      account: "123456789012",
      random: (byteLength) => Uint8Array.from({ length: byteLength }, () => Math.floor(random() * 256)),
      log: () => {},
    };
    this.services = createCloudServices({
      context: this.#context,
      contents: memoryContents(),
      presignOrigin: () => undefined,
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
      ...(options.s3 === undefined ? {} : { s3: options.s3 }),
    });
    const { registry, jobs, s3 } = this.services;
    const certificateId = this.#register(certificate);
    this.mqtt = createMqttServer({ context: this.#context, registry, jobs, faults: this.mqttFaults });
    this.http = createHttpServer({ s3, faults: this.httpFaults });
    this.network = new MemoryNetwork({
      clock,
      ...(link === undefined ? {} : { link }),
      ...(faults === undefined ? {} : { faults }),
      ...(window === undefined ? {} : { window }),
    });
    const validity = { notBefore: clock.now() - DAY_MS, notAfter: clock.now() + 365 * DAY_MS };
    this.network.listen(MQTT_HOST, MQTT_PORT, (connection) => this.#acceptMqtt(connection, certificateId), {
      certificate: { names: ["*.iot.us-east-1.amazonaws.com"], ...validity },
      requireClientCertificate: true,
    });
    for (const host of [S3_HOST, `${BUCKET}.${S3_HOST}`]) {
      this.network.listen(host, HTTPS_PORT, (connection) => this.#acceptHttp(connection), {
        certificate: { names: [S3_HOST, `*.${S3_HOST}`], ...validity },
      });
      this.network.listen(host, HTTP_PORT, (connection) => this.#acceptHttp(connection));
    }
    s3.records.putBucket(BUCKET);
  }

  /** Puts the image into the bucket and creates the job for the thing. The execution appears a moment later, as on AWS. */
  publish({ image, version, jobId, document, job, urlExpiresInSec }: MemoryJob): void {
    const key = `${jobId}.bin`;
    this.putImage(key, image);
    control.createJob(this.services.jobs, {
      jobId,
      targets: [arnOf(this.#context, "thing", this.#thingName)],
      document: JSON.stringify({
        operation: "app_fw_update",
        fwversion: version,
        size: image.length,
        location: { url: `\${aws:iot:s3-presigned-url:https://${S3_HOST}/${BUCKET}/${key}}` },
        ...document,
      }),
      presignedUrlConfig: {
        roleArn: `arn:aws:iam::${this.#context.account}:role/presign`,
        expiresInSec: urlExpiresInSec ?? 3600,
      },
      ...job,
    });
  }

  /** Puts, or replaces, an object of the bucket that {@link publish} uses; its key there is `<jobId>.bin`. */
  putImage(key: string, image: Uint8Array): void {
    const { records, contents } = this.services.s3;
    records.putObject(BUCKET, key, {
      contentId: contents.write([image]),
      size: image.length,
      etag: `"${createHash("md5").update(image).digest("hex")}"`,
      lastModified: this.#context.clock.now(),
      headers: {},
      checksums: {},
    });
  }

  /** The latest execution of a job, as the service keeps it. */
  execution(jobId: string): ExecutionRecord | undefined {
    return this.services.jobs.store.latestExecution(this.#thingName, jobId);
  }

  close(): void {
    this.mqtt.close();
    this.http.close();
    this.services.close();
  }

  #register(certificate: Uint8Array): string {
    const { registry } = this.services;
    const thingName = this.#thingName;
    const now = this.#context.clock.now();
    const certificateId = createHash("sha256").update(certificate).digest("hex");
    registry.putThing({ thingName, thingId: `id-of-${thingName}`, attributes: {}, version: 1 });
    registry.putCertificate({ certificateId, certificatePem: "", status: "ACTIVE", createdAt: now, modifiedAt: now });
    registry.putPolicy({
      policyName: DEVICE_POLICY_NAME,
      policyDocument: devicePolicyDocument(this.#context),
      createdAt: now,
    });
    registry.attach("policy", DEVICE_POLICY_NAME, arnOf(this.#context, "cert", certificateId));
    registry.attach("principal", thingName, certificateId);
    return certificateId;
  }

  #acceptMqtt(connection: PeerConnection, certificateId: string): void {
    const port = { write: (bytes: Uint8Array) => connection.write(bytes), close: () => connection.end() };
    const peer = this.mqtt.accept(port, { certificateId });
    connection.onData = (bytes) => peer?.onData(bytes);
    connection.onEnd = () => peer?.onClose();
  }

  #acceptHttp(connection: PeerConnection): void {
    const port = { write: (bytes: Uint8Array) => connection.write(bytes), close: () => connection.end() };
    const peer = this.http.accept(port);
    connection.onData = (bytes) => peer.onData(bytes);
    connection.onEnd = () => peer.onClose();
  }
}
