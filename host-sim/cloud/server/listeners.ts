import type { BrokerOptions } from "../broker/options.js";
import { startBroker } from "../broker/start-broker.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import type { HttpFaults } from "../faults/http-faults.js";
import type { HttpsCounters } from "../http/answer.js";
import { startHttpsFront } from "../http/https-front.js";
import type { RestServices } from "../http/rest.js";
import { type CloudRequest, type CloudResponse, textSource } from "../message/message.js";
import type { Pki } from "../pki/pki.js";
import type { CloudServices } from "../services/cloud-services.js";

/** The two servers of a cloud, MQTT and HTTPS, which go away and come back together. */
export interface CloudListeners {
  readonly mqttPort: number;
  readonly httpsPort: number;
  readonly counters: Readonly<HttpsCounters>;
  /** Gives the paths below `/_local/` to `answer`; until then they answer 503. */
  answerLocally(answer: (request: CloudRequest) => CloudResponse): void;
  kick(clientId: string): void;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Goes away in a moment, when the answer that ordered it is out, and comes back after so many seconds. */
  outage(seconds: number): void;
  close(): Promise<void>;
}

/** Time for the answer that orders an outage to leave. */
const FAREWELL_MS = 100;

interface Wanted {
  readonly host: string;
  /** 0 takes a free port. */
  readonly mqttPort: number;
  readonly httpsPort: number;
  readonly brokerOptions: Partial<BrokerOptions> | undefined;
  readonly pki: Pki;
  readonly services: CloudServices;
  readonly rest: RestServices;
  readonly faults: { readonly http: HttpFaults; readonly mqtt: FaultPlan };
}

/** Error: rejects when a port is taken; then neither server runs. */
export async function startListeners(wanted: Wanted): Promise<CloudListeners> {
  const { host, brokerOptions, pki, services, rest, faults } = wanted;
  const { context, registry, jobs, shadows, presence, bus, s3 } = services;
  const tls = { cert: pki.serverChainPem, key: pki.serverKeyPem };
  const openBroker = (port: number) =>
    startBroker({
      context,
      registry,
      jobs,
      shadows,
      presence,
      bus,
      tls: { ...tls, ca: pki.caPem },
      port,
      host,
      faults: faults.mqtt,
      ...(brokerOptions === undefined ? {} : { options: brokerOptions }),
    });
  let answer = (_: CloudRequest): CloudResponse => ({ status: 503, headers: {}, body: textSource("") });
  let broker = await openBroker(wanted.mqttPort);
  const mqttPort = broker.port;
  const local = (request: CloudRequest) => answer(request);
  const opened = startHttpsFront({ tls, host, port: wanted.httpsPort, rest, s3, faults: faults.http, local });
  const front = await opened.catch(async (error: unknown) => {
    await broker.close();
    throw error;
  });

  let closed = false;
  const goAway = async () => {
    await Promise.all([front.goAway(), broker.close()]);
  };
  const comeBack = async () => {
    if (closed) return;
    [broker] = await Promise.all([openBroker(mqttPort), front.comeBack()]);
  };
  const report = (error: unknown) => context.log(`outage: ${error instanceof Error ? error.message : "failed"}`);
  return {
    mqttPort,
    httpsPort: front.port,
    counters: front.counters,
    answerLocally(given) {
      answer = given;
    },
    kick: (clientId) => broker.kick(clientId),
    goAway,
    comeBack,
    outage(seconds) {
      context.clock.after(FAREWELL_MS, () => void goAway().catch(report));
      context.clock.after(FAREWELL_MS + seconds * 1000, () => void comeBack().catch(report));
    },
    async close() {
      closed = true;
      await Promise.all([front.close(), broker.close()]);
    },
  };
}
