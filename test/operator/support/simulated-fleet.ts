import { Agent } from "node:https";
import { DescribeJobCommand, type IoTClient } from "@aws-sdk/client-iot";
import {
  IoTJobsDataPlaneClient,
  StartNextPendingJobExecutionCommand,
  UpdateJobExecutionCommand,
} from "@aws-sdk/client-iot-jobs-data-plane";
import type { LocalCloud } from "../../../operator/aws/index.js";

/** What a simulated device does with a job. */
export type Behaviour =
  | { readonly status: "SUCCEEDED" }
  /** It is not there. */
  | { readonly status: "idle" }
  | { readonly status: "FAILED" | "REJECTED"; readonly code: string; readonly detail?: string }
  /** It says how far it is, and stays there. */
  | { readonly status: "IN_PROGRESS"; readonly state: string };

export type Decide = (thing: string, version: string) => Behaviour;

const WIDTH = 16;

/**
 * Devices that speak Jobs and nothing else: each takes its next job, says what a device says, and runs the version that
 * the job brought. They use the HTTPS side of the data plane, which needs no connection that stays.
 */
export class SimulatedFleet {
  readonly versions = new Map<string, string>();
  readonly #client: IoTJobsDataPlaneClient;
  readonly #stuck = new Set<string>();

  constructor(cloud: LocalCloud, names: readonly string[], version: string) {
    const requestHandler = { httpsAgent: new Agent({ ca: cloud.ca, keepAlive: true, maxSockets: WIDTH }) };
    const { url: endpoint, region, credentials } = cloud;
    this.#client = new IoTJobsDataPlaneClient({ endpoint, region, credentials, requestHandler });
    for (const name of names) this.versions.set(name, version);
  }

  close(): void {
    this.#client.destroy();
  }

  /** All devices look once for a job, in the order of their names. Resolves with how many had one. */
  async sweep(decide: Decide): Promise<number> {
    const names = [...this.versions.keys()].sort();
    let worked = 0;
    const worker = async () => {
      for (let name = names.shift(); name !== undefined; name = names.shift())
        if (await this.#work(name, decide)) worked += 1;
    };
    await Promise.all(Array.from({ length: WIDTH }, worker));
    return worked;
  }

  /** Waits until a job has reached the things that it is for now. */
  async untilQueued(iot: IoTClient, jobId: string): Promise<void> {
    for (;;) {
      const { job } = await iot.send(new DescribeJobCommand({ jobId }));
      const { processingTargets = [], numberOfQueuedThings = 0 } = job?.jobProcessDetails ?? {};
      if (processingTargets.length === 0 && numberOfQueuedThings > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Looks again and again, until `ended`. */
  async live(decide: Decide, ended: Promise<unknown>): Promise<void> {
    let over = false;
    const end = () => {
      over = true;
    };
    ended.then(end, end);
    while (!over) {
      if ((await this.sweep(decide)) === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #work(thingName: string, decide: Decide): Promise<boolean> {
    if (decide(thingName, "").status === "idle") return false;
    const { execution } = await this.#client.send(new StartNextPendingJobExecutionCommand({ thingName }));
    const { jobId } = execution ?? {};
    if (jobId === undefined || this.#stuck.has(`${thingName} ${jobId}`)) return false;
    const document: unknown = JSON.parse(execution?.jobDocument ?? "{}");
    const to =
      typeof document === "object" && document !== null && "fwversion" in document ? String(document.fwversion) : "";
    const from = this.versions.get(thingName) ?? "";
    const behaviour = decide(thingName, to);
    if (behaviour.status === "idle") return false;
    if (behaviour.status === "IN_PROGRESS") this.#stuck.add(`${thingName} ${jobId}`);
    const details = { from, to, ...detailsOf(behaviour) };
    const input = { jobId, thingName, status: behaviour.status, statusDetails: details };
    try {
      await this.#client.send(new UpdateJobExecutionCommand(input));
    } catch {
      // Stopped meanwhile: the device goes on with what it has.
      return false;
    }
    if (behaviour.status === "SUCCEEDED") this.versions.set(thingName, to);
    return true;
  }
}

function detailsOf(behaviour: Exclude<Behaviour, { status: "idle" }>): Readonly<Record<string, string>> {
  if (behaviour.status === "SUCCEEDED")
    return { state: "confirmed", slot: "ota_1", bytes: "20000", cost: "seconds=12" };
  if (behaviour.status === "IN_PROGRESS") return { state: behaviour.state, progress: "45%" };
  const { code, detail = "" } = behaviour;
  return { code, ...(detail === "" ? {} : { detail }), reset: "power-on", log: "*power-on up downloading" };
}
