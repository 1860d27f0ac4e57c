import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverNames } from "local-aws-iot/facts";
import { issueAuthority, issueDevice } from "local-aws-iot/pki";
import { NodeDigest } from "../host-sim/chip/node-digest.js";
import { devicePartitions } from "../host-sim/chip/partitions.js";
import { compileFirmware, imageOf } from "../host-sim/image/index.js";
import { digestOf, simulatedSignature, trustingSimulatedKey } from "../host-sim/signing/index.js";
import { createFlashImage } from "../modules/esp32-sim/index.js";
import type { Bench, BenchOptions, BenchReport } from "./bench.js";
import type { BoardCredentials } from "./boards/board-fleet.js";
import { type ChildState, FleetChild } from "./boards/fleet-child.js";
import { CloudProcess, type Usage } from "./load/cloud-process.js";
import { FleetOperator, type JobState } from "./load/fleet-operator.js";
import { median, quantile, rounded, sum } from "./statistics.js";

const FROM = "1.0.1";
const TO = "1.0.2";
const JOB = "boards-1";
const MINUTE_MS = 60_000;
/** Beyond the roll-out itself: only a fault lasts so long. */
const PATIENCE_MS = 8 * MINUTE_MS;
const POLL_MS = 500;
/** Keys made and things registered at a time. */
const AT_ONCE = 8;

/** Whole firmwares on simulated boards, updated by one job of a thing group with a roll-out. */
export const boards: Bench = {
  summary: "whole simulated boards on the local AWS, updated by one job",
  async run(options, say) {
    const dir = mkdtempSync(join(tmpdir(), "aws-fota-boards-"));
    const children: FleetChild[] = [];
    let cloud: CloudProcess | undefined;
    try {
      cloud = await CloudProcess.start(dir);
      return await measure(cloud, children, options, say);
    } finally {
      await Promise.all(children.map((child) => child.stop()));
      await cloud?.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function measure(
  cloud: CloudProcess,
  children: FleetChild[],
  { boards: count, processes, rate }: BenchOptions,
  say: (line: string) => void,
): Promise<BenchReport> {
  const operator = new FleetOperator(cloud);
  say("images, keys and certificates are made");
  const firmware = trustingSimulatedKey(await compileFirmware({ minify: true }));
  const image = imageOf(firmware, { version: TO });
  const flash = createFlashImage({
    partitions: devicePartitions(),
    images: { ota_0: imageOf(firmware, { version: FROM }) },
    Digest: NodeDigest,
  });
  const credentials = await provisioned(operator, count);
  const setup = {
    flash,
    host: cloud.cloud.mqtt.host,
    port: cloud.cloud.mqtt.port,
    root: new Uint8Array(new X509Certificate(cloud.caPem).raw),
    cloudNames: serverNames(cloud.cloud.region).dns,
    to: TO,
  };
  const share = Math.ceil(count / processes);
  for (let index = 0; index < processes; index++) {
    const own = credentials.slice(index * share, (index + 1) * share);
    children.push(await FleetChild.start({ ...setup, boards: own }));
  }
  say(`${count} boards are switched on`);
  const onAt = performance.now();
  await Promise.all(children.map((child) => child.powerOn()));
  const connected = await until(children, ({ ready }) => ready, count, PATIENCE_MS);
  const connectSeconds = (performance.now() - onAt) / 1000;
  say(`${sum(connected.map(({ ready }) => ready))} are connected; the job is created`);
  const createdAt = Date.now();
  await operator.createJob(JOB, image, rate, {
    sha256: digestOf(image),
    "sig-sha256-ecdsa": simulatedSignature(image),
  });
  const limit = Math.ceil(count / rate) * MINUTE_MS + PATIENCE_MS;
  const states = await until(children, ({ updated }) => updated, count, limit);
  const updateSeconds = (Date.now() - createdAt) / 1000;
  const job = await operator.describeJob(JOB);
  return report({
    count,
    processes,
    rate,
    image,
    states,
    job,
    createdAt,
    connectSeconds,
    updateSeconds,
    cloud: cloud.usage(),
  });
}

/** Things with RSA keys, as the firmware's TLS needs them. */
async function provisioned(operator: FleetOperator, count: number): Promise<BoardCredentials[]> {
  await operator.createGroup();
  const authority = await issueAuthority("the fleet's maker");
  const made: BoardCredentials[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const thingName = `board-${next++}`;
      const { certificatePem, privateKeyPem, certificateDer, privateKeyDer } = await issueDevice(authority);
      await operator.provision({ thingName, certificatePem, privateKeyPem });
      made.push({ thingName, certificate: certificateDer, key: privateKeyDer });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
  return made;
}

/** Looks until every board is so far, or time is up: then the checks say what is missing. */
async function until(
  children: readonly FleetChild[],
  reached: (state: ChildState) => number,
  count: number,
  limitMs: number,
): Promise<ChildState[]> {
  const end = performance.now() + limitMs;
  for (;;) {
    const states = await Promise.all(children.map((child) => child.state()));
    const isStuck = states.some(({ faults }) => faults.length > 0);
    if (sum(states.map(reached)) >= count || isStuck || performance.now() > end) return states;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Outcome {
  readonly count: number;
  readonly processes: number;
  readonly rate: number;
  readonly image: Uint8Array;
  readonly states: readonly ChildState[];
  readonly job: JobState;
  readonly createdAt: number;
  readonly connectSeconds: number;
  readonly updateSeconds: number;
  readonly cloud: Usage | undefined;
}

function report(outcome: Outcome): BenchReport {
  const { count, processes, rate, image, states, job, createdAt, cloud } = outcome;
  const times = states.flatMap(({ updatedAt }) => updatedAt).map((at) => (at - createdAt) / 1000);
  const updated = sum(states.map((state) => state.updated));
  const faults = states.flatMap((state) => state.faults);
  const figures = {
    boards: count,
    processes,
    ratePerMinute: rate,
    imageBytes: image.length,
    connectSeconds: rounded(outcome.connectSeconds, 1),
    updateMinutes: rounded(outcome.updateSeconds / 60, 2),
    updatedAfterSeconds: { median: rounded(median(times), 1), p95: rounded(quantile(times, 0.95), 1) },
    boardsCpuMsPerUpdate: rounded((1000 * sum(states.map(({ cpuSec }) => cpuSec))) / count, 1),
    cloudCpuMsPerUpdate: rounded((1000 * (cloud?.cpuSec ?? Number.NaN)) / count, 1),
    memoryMiBPerBoard: rounded(sum(states.map(({ memoryMiB }) => memoryMiB)) / count, 2),
    cloudPeakMiB: rounded(cloud?.peakMiB ?? Number.NaN),
  };
  return {
    tables: [
      {
        title: `${count} boards in ${processes} process(es), one job, ${rate} executions a minute`,
        columns: ["what", "value"],
        rows: [
          ["from power on to connected, all of them", `${figures.connectSeconds} s`],
          [
            "from the job's creation to the last board that runs and has reported the new version",
            `${figures.updateMinutes} min`,
          ],
          [
            "updated after: median, 95 %",
            `${figures.updatedAfterSeconds.median} s, ${figures.updatedAfterSeconds.p95} s`,
          ],
          ["processor time of a board, start and update", `${figures.boardsCpuMsPerUpdate} ms`],
          ["processor time of the cloud for a board, provisioning included", `${figures.cloudCpuMsPerUpdate} ms`],
          ["memory of a board", `${figures.memoryMiBPerBoard} MiB`],
          ["memory of the cloud at most", `${figures.cloudPeakMiB} MiB`],
        ],
      },
    ],
    checks: [
      { name: "no board crashed or settled with another version", ok: faults.length === 0, detail: faults.join("; ") },
      { name: "every board runs and has reported the new version", ok: updated === count, detail: `${updated} do` },
      {
        name: "the job is COMPLETED with every execution SUCCEEDED",
        ok: job.status === "COMPLETED" && job.counts.numberOfSucceededThings === count,
        detail: `${job.status} ${JSON.stringify(job.counts)}`,
      },
    ],
    notes: [
      "Whole firmware on Node's engine, real TLS, real time; boards, cloud and operator share the machine's cores.",
    ],
    figures,
  };
}
