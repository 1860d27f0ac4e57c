import { createHash } from "node:crypto";
import type { CloudClock, CloudContext } from "../context.js";
import { HttpFaults } from "../faults/http-faults.js";
import { arnOf } from "../iot/arns.js";
import * as control from "../jobs/control/index.js";
import type { OperationOutput } from "../jobs/operation.js";
import { DEVICE_POLICY_NAME, devicePolicyDocument } from "../local/device-policy.js";
import { CountingFaultPlan, type MqttCounters } from "../local/mqtt-counters.js";
import type { CloudSwitches } from "../local-aws.js";
import { memoryContents } from "../s3/contents.js";
import { type CloudServices, createCloudServices } from "../services.js";
import { memoryStore } from "../store/memory-store.js";
import { createHttpServer, type HttpServer } from "./http-peer.js";
import { MqttServer } from "./mqtt-peer.js";

const BUCKET = "firmware";

export interface MemoryAwsOptions {
  readonly clock: CloudClock;
  /** Random numbers in [0, 1); seeded in scenarios. */
  readonly random: () => number;
  readonly switches?: CloudSwitches;
  readonly log?: (line: string) => void;
}

export interface MemoryPublish {
  readonly image: Uint8Array;
  readonly version: string;
  readonly thingName: string;
  readonly jobId: string;
  /** Further members of the job document; they replace the usual ones of the same name. */
  readonly documentExtra?: Readonly<Record<string, unknown>>;
  /** Further members of the CreateJob request. */
  readonly job?: Readonly<Record<string, unknown>>;
}

/** The local AWS without sockets, files and promises: the same services on a given clock. */
export interface MemoryAws {
  readonly services: CloudServices;
  readonly mqtt: MqttServer;
  readonly http: HttpServer;
  readonly faults: { readonly http: HttpFaults; readonly mqtt: CountingFaultPlan };
  readonly counters: Readonly<MqttCounters>;
  /** A thing with an active certificate and the device policy. The certificate is a name only: TLS is the network's business. */
  addDevice(thingName: string): { readonly certificateId: string };
  /** Puts the image into the bucket; the document's `location.url` is a placeholder for it. */
  publishImage(options: MemoryPublish): OperationOutput;
  /** `execution` of DescribeJobExecution, undefined when there is none. */
  jobExecution(thingName: string, jobId: string): OperationOutput | undefined;
  goAway(): void;
  comeBack(): void;
  close(): void;
}

export function createMemoryAws(options: MemoryAwsOptions): MemoryAws {
  const { clock, random, switches = {}, log = () => {} } = options;
  const context: CloudContext = {
    clock,
    store: memoryStore(),
    region: switches.region ?? "us-east-1",
    account: switches.account ?? "000000000000",
    random: (byteLength) => Uint8Array.from({ length: byteLength }, () => Math.floor(random() * 256)),
    log,
  };
  const services = createCloudServices({
    context,
    contents: memoryContents(),
    presignOrigin: () => undefined,
    ...(switches.jobs === undefined ? {} : { jobs: switches.jobs }),
    ...(switches.s3 === undefined ? {} : { s3: switches.s3 }),
  });
  const { registry, jobs, s3 } = services;
  const faults = { http: new HttpFaults(), mqtt: new CountingFaultPlan() };
  const broker = switches.broker === undefined ? {} : { options: switches.broker };
  const mqtt = new MqttServer({ context, registry, jobs, faults: faults.mqtt, ...broker });
  const http = createHttpServer({ s3, faults: faults.http });
  return {
    services,
    mqtt,
    http,
    faults,
    counters: faults.mqtt.counters,
    addDevice: (thingName) => addDevice(services, thingName),
    publishImage: (wanted) => publish(services, wanted),
    jobExecution(thingName, jobId) {
      const found = jobs.store.latestExecution(thingName, jobId) !== undefined;
      return found ? control.describeJobExecution(jobs, { thingName, jobId }) : undefined;
    },
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

function addDevice({ context, registry }: CloudServices, thingName: string): { certificateId: string } {
  const certificateId = createHash("sha256").update(thingName).digest("hex");
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

function publish({ context, jobs, s3 }: CloudServices, wanted: MemoryPublish): OperationOutput {
  const key = `${wanted.jobId}.bin`;
  const md5 = createHash("md5").update(wanted.image).digest("hex");
  if (s3.records.bucketCreatedAt(BUCKET) === undefined) s3.records.putBucket(BUCKET);
  s3.records.putObject(BUCKET, key, {
    contentId: s3.contents.write([wanted.image]),
    size: wanted.image.length,
    etag: `"${md5}"`,
    lastModified: context.clock.now(),
    headers: { "content-type": "application/octet-stream" },
    checksums: {},
  });
  const url = `https://s3.${context.region}.amazonaws.com/${BUCKET}/${key}`;
  const document = {
    operation: "app_fw_update",
    fwversion: wanted.version,
    size: wanted.image.length,
    location: { url: `\${aws:iot:s3-presigned-url:${url}}` },
    ...wanted.documentExtra,
  };
  return control.createJob(jobs, {
    jobId: wanted.jobId,
    targets: [arnOf(context, "thing", wanted.thingName)],
    document: JSON.stringify(document),
    presignedUrlConfig: { roleArn: `arn:aws:iam::${context.account}:role/presign`, expiresInSec: 3600 },
    ...wanted.job,
  });
}
