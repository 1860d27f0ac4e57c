import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IoTClient } from "@aws-sdk/client-iot";
import { IoTDataPlaneClient } from "@aws-sdk/client-iot-data-plane";
import { IoTJobsDataPlaneClient } from "@aws-sdk/client-iot-jobs-data-plane";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import type { CloudContext } from "../../../host-sim/cloud/context/context.js";
import { wallClock } from "../../../host-sim/cloud/context/wall-clock.js";
import { HttpFaults } from "../../../host-sim/cloud/faults/http-faults.js";
import type { BodyLimits } from "../../../host-sim/cloud/http/answer.js";
import { type HttpsFront, startHttpsFront } from "../../../host-sim/cloud/http/https-front.js";
import { restRoutes } from "../../../host-sim/cloud/http/rest-routes.js";
import { textSource } from "../../../host-sim/cloud/message/message.js";
import { openPki, type Pki } from "../../../host-sim/cloud/pki/pki.js";
import { memoryContents } from "../../../host-sim/cloud/s3/contents.js";
import type { S3Switches } from "../../../host-sim/cloud/s3/service.js";
import { type CloudServices, createCloudServices } from "../../../host-sim/cloud/services/cloud-services.js";
import type { Credentials } from "../../../host-sim/cloud/sigv4/credentials.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";

const pkiDir = mkdtempSync(join(tmpdir(), "aws-fota-pki-"));
let pki: Promise<Pki> | undefined;
process.on("exit", () => rmSync(pkiDir, { recursive: true, force: true }));

/** One authority for all tests of a run: making RSA keys is slow. */
export function testPki(): Promise<Pki> {
  pki ??= openPki(pkiDir, "us-east-1");
  return pki;
}

/** The HTTPS side of the local AWS with its state in memory, and SDK clients for it. */
export interface HttpsCloud {
  readonly services: CloudServices;
  readonly faults: HttpFaults;
  readonly front: HttpsFront;
  readonly origin: string;
  readonly ca: string;
  readonly caFile: string;
  /** What every client of it is made with. */
  readonly clientConfig: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: Credentials;
    readonly requestHandler: { readonly httpsAgent: Agent };
    readonly maxAttempts: number;
  };
  /** Moves the cloud's clock, not the timers. */
  skipTime(ms: number): void;
  readonly iot: IoTClient;
  readonly jobs: IoTJobsDataPlaneClient;
  readonly data: IoTDataPlaneClient;
  readonly sts: STSClient;
  readonly s3: S3Client;
  close(): Promise<void>;
}

export async function startHttpsCloud(
  s3Switches: Partial<S3Switches> = {},
  bodyLimits: Partial<BodyLimits> = {},
): Promise<HttpsCloud> {
  const { serverChainPem: cert, serverKeyPem: key, caPem: ca, caFile, issueDevice, signRequest } = await testPki();
  let skipped = 0;
  const context: CloudContext = {
    clock: { now: () => Date.now() + skipped, after: wallClock.after },
    store: memoryStore(),
    region: "us-east-1",
    account: "000000000000",
    random: (byteLength) => new Uint8Array(randomBytes(byteLength)),
    log: (line) => console.error(line),
  };
  let port = 0;
  const services = createCloudServices({
    context,
    contents: memoryContents(),
    presignOrigin: () => `https://localhost:${port}`,
    jobs: { rolloutDelayMs: 0 },
    s3: s3Switches,
  });
  const iot = {
    context,
    registry: services.registry,
    jobs: services.hooks,
    issueDevice,
    signRequest,
    endpointHost: () => "localhost",
  };
  const faults = new HttpFaults();
  const front = await startHttpsFront({
    tls: { cert, key },
    host: "127.0.0.1",
    port: 0,
    rest: { context, credentials: services.credentials, routes: restRoutes(iot, services) },
    s3: services.s3,
    faults,
    bodyLimits,
    local: () => ({ status: 404, headers: {}, body: textSource("") }),
  });
  port = front.port;
  const origin = `https://127.0.0.1:${port}`;
  const httpsAgent = new Agent({ ca, keepAlive: true });
  const common = {
    region: "us-east-1",
    endpoint: origin,
    credentials: services.credentials.operator(),
    requestHandler: { httpsAgent },
    maxAttempts: 1,
  };
  const clients = {
    iot: new IoTClient(common),
    jobs: new IoTJobsDataPlaneClient(common),
    data: new IoTDataPlaneClient(common),
    sts: new STSClient(common),
    s3: new S3Client(common),
  };
  return {
    services,
    faults,
    front,
    origin,
    ca,
    caFile,
    clientConfig: common,
    skipTime(ms) {
      skipped += ms;
    },
    ...clients,
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      httpsAgent.destroy();
      await front.close();
      services.close();
    },
  };
}
