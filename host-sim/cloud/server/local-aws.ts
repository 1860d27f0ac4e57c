import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import type { CloudContext } from "../context/context.js";
import { wallClock } from "../context/wall-clock.js";
import { CountingFaultPlan, type MqttCounters } from "../faults/counting-fault-plan.js";
import { HttpFaults } from "../faults/http-faults.js";
import { makePrivateFolder } from "../files/index.js";
import type { HttpsCounters } from "../http/answer.js";
import { restRoutes } from "../http/rest-routes.js";
import type { IotService } from "../iot/service.js";
import * as control from "../jobs/control/index.js";
import type { OperationOutput } from "../jobs/operation.js";
import { openPki } from "../pki/pki.js";
import { fileContents } from "../s3/contents.js";
import { createCloudServices } from "../services/cloud-services.js";
import { type CloudSwitches, DEFAULT_ACCOUNT, DEFAULT_REGION } from "../services/cloud-switches.js";
import type { Credentials } from "../sigv4/credentials.js";
import { openLmdbStore } from "../store/lmdb-store.js";
import { type CloudDescription, writeCloudFiles } from "./cloud-files.js";
import { type DeviceFiles, knownDevices, provisionDevice } from "./devices.js";
import { lockDirectory } from "./directory-lock.js";
import { startListeners } from "./listeners.js";
import { serveLocal } from "./local-api.js";
import { insideOperator, type Operator } from "./operator.js";

const DEFAULT_HOST = "127.0.0.1";

/** How a local AWS is started. */
export interface LocalAwsOptions {
  /** Folder of the whole state; made when missing. */
  readonly dir: string;
  /** 0, the default, takes a free port. */
  readonly mqttPort?: number;
  readonly httpsPort?: number;
  /** Address to listen on, by default 127.0.0.1. Its name also stands in the server certificate. */
  readonly host?: string;
  readonly switches?: CloudSwitches;
  /** One line for the operator's log. */
  readonly log?: (line: string) => void;
}

/** A running local AWS. */
export interface LocalAws extends CloudDescription {
  readonly dir: string;
  /** The operator's key pair. */
  readonly credentials: Credentials;
  readonly faults: { readonly http: HttpFaults; readonly mqtt: CountingFaultPlan };
  /** What happened since the start: a snapshot. */
  readonly counters: Readonly<HttpsCounters & MqttCounters>;
  /** Thing, certificate and least policy, with files in `DIR/things/<thing>`. Repeating it gives the same. */
  createDevice(thingName: string): Promise<DeviceFiles>;
  devices(): DeviceFiles[];
  /** Sends requests to the IoT API and to S3 as an AWS client would, without a socket. */
  readonly operator: Operator;
  /** `execution` of the control plane's DescribeJobExecution. Error: AwsError `ResourceNotFound`. */
  jobExecution(thingName: string, jobId: string): OperationOutput;
  /** Ends the sessions behind all presigned URLs handed out so far. */
  endSessions(): void;
  /** Disconnects an MQTT client. */
  kick(clientId: string): void;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the local AWS: MQTT broker with TLS, Jobs, control plane, HTTPS data plane and S3. The state in `dir` outlives
 * a restart and a kill at any moment. Errors: rejects when a port is taken, the folder cannot be used or another cloud
 * uses it.
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const dir = resolve(options.dir);
  makePrivateFolder(dir);
  const undo: (() => unknown)[] = [lockDirectory(dir)];
  const close = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    return await assemble(dir, options, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  dir: string,
  options: LocalAwsOptions,
  undo: (() => unknown)[],
  close: () => Promise<void>,
): Promise<LocalAws> {
  const { switches = {}, host = DEFAULT_HOST } = options;
  const context = openContext(dir, options);
  undo.push(() => context.store.close());
  const advertised = advertisedName(host);
  const pki = await openPki(join(dir, "pki"), context.region, [host, advertised]);
  let origin = "";
  const services = createCloudServices({
    context,
    contents: fileContents(join(dir, "objects")),
    presignOrigin: () => (switches.presignHost === "document" ? undefined : origin),
    ...(switches.jobs === undefined ? {} : { jobs: switches.jobs }),
    ...(switches.s3 === undefined ? {} : { s3: switches.s3 }),
    ...(switches.shadows === undefined ? {} : { shadows: switches.shadows }),
    ...(switches.indexing === undefined ? {} : { indexing: switches.indexing }),
  });
  undo.push(() => services.close());
  const { issueDevice, signRequest } = pki;
  const { registry, hooks, credentials: book, s3 } = services;
  const iot: IotService = {
    context: services.context,
    registry,
    jobs: hooks,
    issueDevice,
    signRequest,
    endpointHost: () => advertised,
  };
  const rest = { context, credentials: book, routes: restRoutes(iot, services) };
  const faults = { http: new HttpFaults(), mqtt: new CountingFaultPlan() };
  const listeners = await startListeners({
    host,
    mqttPort: options.mqttPort ?? 0,
    httpsPort: options.httpsPort ?? 0,
    brokerOptions: switches.broker,
    pki,
    services,
    rest,
    faults,
  });
  undo.push(() => listeners.close());
  origin = `https://${advertised}:${listeners.httpsPort}`;

  const credentials = book.operator();
  const description: CloudDescription = {
    region: context.region,
    account: context.account,
    ca: pki.caFile,
    mqtt: { host: advertised, port: listeners.mqttPort },
    https: { host: advertised, port: listeners.httpsPort, url: `https://${urlHost(host)}:${listeners.httpsPort}` },
  };
  const counters = () => ({ ...listeners.counters, ...faults.mqtt.counters });
  const endSessions = () => book.endSessions();
  listeners.answerLocally((request) => {
    const { kick, outage } = listeners;
    const controls = { httpFaults: faults.http, mqttFaults: faults.mqtt, counters, endSessions, kick, outage };
    return serveLocal(request, { ...controls, endpoints: () => ({ ...description }) });
  });
  writeCloudFiles(dir, description, credentials);
  return {
    ...description,
    dir,
    credentials,
    faults,
    get counters() {
      return counters();
    },
    createDevice: (thingName) => provisionDevice(iot, dir, thingName),
    devices: () => knownDevices(dir),
    operator: insideOperator({ origin, rest, s3 }),
    jobExecution: (thingName, jobId) => control.describeJobExecution(services.jobs, { thingName, jobId }),
    endSessions,
    kick: listeners.kick,
    goAway: listeners.goAway,
    comeBack: listeners.comeBack,
    close,
  };
}

function openContext(dir: string, { switches = {}, log }: LocalAwsOptions): CloudContext {
  return {
    clock: wallClock,
    store: openLmdbStore(join(dir, "state")),
    region: switches.region ?? DEFAULT_REGION,
    account: switches.account ?? DEFAULT_ACCOUNT,
    random: (byteLength) => new Uint8Array(randomBytes(byteLength)),
    log: log ?? (() => {}),
  };
}

/** The name devices connect to: a host name, because they send it as SNI. */
function advertisedName(host: string): string {
  return ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(host) ? "localhost" : host;
}

/**
 * The host of the URL for AWS clients: an address where possible, because SDKs then use path style for S3 by
 * themselves.
 */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "localhost") return "127.0.0.1";
  return host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
}
