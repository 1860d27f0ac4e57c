import { arnOf } from "local-aws-iot/facts";
import {
  type CloudServices,
  control,
  createVirtualAws,
  type ExecutionRecord,
  type FaultPlan,
  type HttpFaults,
  type HttpServer,
  type JobsOptions,
  type MqttServer,
  type S3Switches,
  type VirtualAws,
} from "local-aws-iot/virtual";
import { type Faults, type Link, type PeerConnection, VirtualNetwork } from "../board/network/index.js";
import { seededRandom } from "../board/random.js";
import type { VirtualClock } from "../board/virtual-clock.js";
import { IMAGE_BUCKET, jobRequest, type PublishedPatch, patchEntry } from "../publish/index.js";
import { digestOf, simulatedSignature } from "../signing/index.js";

/** Names as they are on AWS, so that what the firmware makes of them is tested too. */
export const MQTT_HOST = "a1b2c3d4e5f6g7-ats.iot.us-east-1.amazonaws.com";
export const S3_HOST = "s3.us-east-1.amazonaws.com";
const ACCOUNT = "123456789012";
const MQTT_PORT = 8883;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;
const DAY_MS = 86_400_000;

/** What a virtual cloud is made of. */
export interface VirtualCloudOptions {
  readonly clock: VirtualClock;
  readonly thingName: string;
  /** The device's certificate, DER; nothing here looks into it. */
  readonly certificate: Uint8Array;
  readonly seed: number;
  readonly link?: Partial<Link>;
  readonly faults?: Faults;
  /** TCP window of the board, bytes. Default 8192. */
  readonly window?: number;
  readonly jobs?: Partial<JobsOptions>;
  readonly s3?: Partial<S3Switches>;
}

/** An image and the job that brings it. */
export interface VirtualJob {
  readonly image: Uint8Array;
  /** `fwversion`. */
  readonly version: string;
  readonly jobId: string;
  /** Nobody signs the image. Default: whoever publishes to simulated boards does. */
  readonly unsigned?: boolean;
  /** Ways to the image that cost fewer bytes; the document has the image's digest then. */
  readonly patches?: readonly PublishedPatch[];
  /** Members that replace those of the document. */
  readonly document?: Readonly<Record<string, unknown>>;
  /** Members of the CreateJob request, such as `timeoutConfig`. */
  readonly job?: Readonly<Record<string, unknown>>;
  /** Seconds, default 3600. */
  readonly urlExpiresInSec?: number;
}

/** The virtual AWS on a virtual network: one thing, its broker, its Jobs and its bucket. Synchronous. */
export class VirtualCloud {
  readonly network: VirtualNetwork;
  readonly services: CloudServices;
  readonly mqtt: MqttServer;
  readonly http: HttpServer;
  readonly mqttFaults: FaultPlan;
  readonly httpFaults: HttpFaults;
  readonly #aws: VirtualAws;
  readonly #thingName: string;
  /** Keys of the patches by job. */
  readonly #patchKeys = new Map<string, readonly string[]>();

  constructor(options: VirtualCloudOptions) {
    const { clock, thingName, certificate, seed, link, faults, window, jobs, s3 } = options;
    this.#thingName = thingName;
    this.#aws = createVirtualAws({
      clock,
      random: seededRandom(seed),
      switches: {
        account: ACCOUNT,
        ...(jobs === undefined ? {} : { jobs }),
        ...(s3 === undefined ? {} : { s3 }),
      },
    });
    this.services = this.#aws.services;
    this.mqtt = this.#aws.mqtt;
    this.http = this.#aws.http;
    this.mqttFaults = this.#aws.faults.mqtt;
    this.httpFaults = this.#aws.faults.http;
    const { certificateId } = this.#aws.addDevice(thingName, certificate);
    this.network = new VirtualNetwork({
      clock,
      ...(link === undefined ? {} : { link }),
      ...(faults === undefined ? {} : { faults }),
      ...(window === undefined ? {} : { window }),
    });
    const validity = { notBefore: clock.now() - DAY_MS, notAfter: clock.now() + 365 * DAY_MS };
    const certificateOfIot = { names: ["*.iot.us-east-1.amazonaws.com"], ...validity };
    const iot = { certificate: certificateOfIot, requireClientCertificate: true };
    const acceptMqtt = (connection: PeerConnection) => this.#acceptMqtt(connection, certificateId);
    this.network.listen(MQTT_HOST, MQTT_PORT, acceptMqtt, iot);
    // Where both MQTT and HTTPS are spoken, the protocol has to be said. [AWS IoT: Device communication protocols]
    this.network.listen(MQTT_HOST, HTTPS_PORT, acceptMqtt, { ...iot, alpn: ["x-amzn-mqtt-ca"] });
    for (const host of [S3_HOST, `${IMAGE_BUCKET}.${S3_HOST}`]) {
      this.network.listen(host, HTTPS_PORT, (connection) => this.#acceptHttp(connection), {
        certificate: { names: [S3_HOST, `*.${S3_HOST}`], ...validity },
      });
      this.network.listen(host, HTTP_PORT, (connection) => this.#acceptHttp(connection));
    }
  }

  /**
   * Puts the image into the bucket and creates the job for the thing. The execution appears a moment later, as on AWS.
   */
  publish({ image, version, jobId, unsigned, patches = [], document, job, urlExpiresInSec }: VirtualJob): void {
    const { region, account } = this.#aws;
    const key = `${jobId}.bin`;
    this.putImage(key, image);
    const patchKeys = patches.map((_, index) => `${jobId}-${index}.patch`);
    this.#patchKeys.set(jobId, patchKeys);
    const entries = patches.map((patch, index) => {
      const patchKey = patchKeys[index] ?? "";
      this.putImage(patchKey, patch.bytes);
      return patchEntry(patch, region, patchKey);
    });
    const request = jobRequest({
      region,
      account,
      targets: [arnOf(this.#aws, "thing", this.#thingName)],
      version,
      size: image.length,
      key,
      document: {
        ...(unsigned === true ? {} : { "sig-sha256-ecdsa": simulatedSignature(image) }),
        ...(entries.length === 0 ? {} : { sha256: digestOf(image), patches: entries }),
        ...document,
      },
      ...(job === undefined ? {} : { job }),
      ...(urlExpiresInSec === undefined ? {} : { urlExpiresInSec }),
    });
    control.createJob(this.services.jobs, { jobId, ...request });
  }

  /** Puts, or replaces, an object of the bucket that {@link publish} uses; its key there is `<jobId>.bin`. */
  putImage(key: string, image: Uint8Array): void {
    this.#aws.putObject(IMAGE_BUCKET, key, image);
  }

  /** Cancels a job's execution, by force. The job is there, and its execution is not over. */
  cancel(jobId: string): void {
    control.cancelJobExecution(this.services.jobs, { jobId, thingName: this.#thingName, force: true });
  }

  /** Removes a job, its execution, its image and its patches. */
  forget(jobId: string): void {
    const keys = [`${jobId}.bin`, ...(this.#patchKeys.get(jobId) ?? [])];
    for (const key of keys) this.#aws.removeObject(IMAGE_BUCKET, key);
    this.#patchKeys.delete(jobId);
    control.deleteJob(this.services.jobs, { jobId, force: true });
  }

  /** The latest execution of a job, as the service keeps it. */
  execution(jobId: string): ExecutionRecord | undefined {
    return this.#aws.execution(this.#thingName, jobId);
  }

  /** Ends all connections and refuses new ones until {@link comeBack}. */
  goAway(): void {
    this.#aws.goAway();
  }

  comeBack(): void {
    this.#aws.comeBack();
  }

  close(): void {
    this.#aws.close();
  }

  #acceptMqtt(connection: PeerConnection, certificateId: string): void {
    const peer = this.mqtt.accept(serverEnd(connection), { certificateId });
    connection.onData = (bytes) => peer?.onData(bytes);
    connection.onEnd = () => peer?.onClose();
  }

  #acceptHttp(connection: PeerConnection): void {
    const peer = this.http.accept(serverEnd(connection));
    connection.onData = (bytes) => peer.onData(bytes);
    connection.onEnd = () => peer.onClose();
  }
}

/** A connection of the network as the servers want it. */
function serverEnd(connection: PeerConnection) {
  return { write: (bytes: Uint8Array) => connection.write(bytes), close: () => connection.end() };
}
