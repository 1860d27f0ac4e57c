import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectOk, httpsOperator, type Operator, type OperatorRequest } from "local-aws-iot";
import { FLEET_GROUP, fleetThing, makeHistory } from "local-aws-iot/history";
import type { Bench, BenchOptions, BenchReport, Cell, Check } from "./bench.js";
import { CloudProcess } from "./load/cloud-process.js";
import { median, rounded } from "./statistics.js";

/** Things of this bench for each of the load bench: nothing of them connects. */
const TIMES = 10;
const JOBS = 5;
/** The fields that `fota status` counts by. */
const VERSION = "shadow.name.fota.reported.version";

/** What an operator asks a cloud that has a large fleet with a past. */
export const fleet: Bench = {
  summary: "a large fleet with a past on the local AWS: start, lists, searches",
  async run(options, say) {
    const dir = mkdtempSync(join(tmpdir(), "aws-fota-fleet-"));
    let cloud: CloudProcess | undefined;
    try {
      const things = options.things * TIMES;
      say(`${things} things with ${JOBS} jobs behind them`);
      const made = seconds(() => makeHistory(dir, { things, jobs: JOBS }));
      say("start");
      const startedAt = performance.now();
      cloud = await CloudProcess.start(dir);
      const start = performance.now() - startedAt;
      return await ask(cloud, { things, made, start }, options, say);
    } finally {
      await cloud?.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

interface Made {
  readonly things: number;
  /** Seconds that the history took. */
  readonly made: number;
  /** Milliseconds to the first line of the cloud. */
  readonly start: number;
}

/** One question, and how often the answer has pages. */
interface Question {
  readonly name: string;
  readonly median: number;
  readonly requests: number;
  /** Entries in the answer. */
  readonly found: number;
}

async function ask(
  cloud: CloudProcess,
  { things, made, start }: Made,
  { repeat }: BenchOptions,
  say: (line: string) => void,
): Promise<BenchReport> {
  const operator = new AskingOperator(cloud);
  const questions: Question[] = [];
  const question = async (name: string, body: () => Promise<number>, runs = repeat) => {
    say(name);
    const times: number[] = [];
    let found = 0;
    const before = operator.requests;
    for (let run = 0; run < runs; run += 1) {
      const startedAt = performance.now();
      found = await body();
      times.push(performance.now() - startedAt);
    }
    questions.push({ name, median: median(times), requests: (operator.requests - before) / runs, found });
    return found;
  };
  const fresh = cloud.usage();
  const listed = await question("ListThings, all", () => operator.pages("GET", "/things?maxResults=250", "things"));
  await question("ListThings, one page", () => operator.page("GET", "/things?maxResults=250", "things"));
  const members = `/thing-groups/${FLEET_GROUP}/things?maxResults=250`;
  await question("ListThingsInThingGroup, all", () => operator.pages("GET", members, "things"));
  await question("ListJobs", () => operator.page("GET", "/jobs?maxResults=250", "jobs"));
  await question("DescribeJob", () => operator.page("GET", `/jobs/update-${JOBS}`, "job"));
  const executions = `/jobs/update-${JOBS}/things?maxResults=250`;
  const executed = await question("ListJobExecutionsForJob, all", () =>
    operator.pages("GET", executions, "executionSummaries"),
  );
  await question("ListJobExecutionsForJob, FAILED", () =>
    operator.pages("GET", `${executions}&status=FAILED`, "executionSummaries"),
  );
  const ofThing = `/things/${fleetThing(7)}/jobs?maxResults=250`;
  await question("ListJobExecutionsForThing", () => operator.page("GET", ofThing, "executionSummaries"));
  await operator.turnOnIndexing();
  await question("SearchIndex, the first after the index was turned on", () => operator.search("*", false), 1);
  const searched = await question("SearchIndex, all", () => operator.search("thingName:*", true));
  await question("SearchIndex, one thing", () => operator.search(`thingName:${fleetThing(7)}`, false));
  await question("SearchIndex, by shadow and attribute", () =>
    operator.search(`NOT ${VERSION}:1.0.${JOBS} AND attributes.hardware:r2`, false),
  );
  await question("SearchIndex, after a change of a shadow", async () => {
    await operator.report(fleetThing(7), { touched: Math.random() });
    return await operator.search("shadow.name.fota.reported.touched:*", false);
  });
  await question("GetStatistics", () => operator.statistics(`${VERSION}:1.0.${JOBS}`));
  const versions = await question("GetBucketsAggregation by version", () => operator.buckets(VERSION));
  const usage = cloud.usage();
  return report({ things, made, start, questions }, fresh?.memoryMiB, usage?.peakMiB, [
    {
      name: "every thing is listed, executed and found",
      ok: listed === things && executed === things && searched === things,
    },
    { name: "there are several versions", ok: versions >= 2, detail: String(versions) },
    { name: "the cloud has no failure in its log", ok: cloud.errors === "", detail: cloud.errors.slice(0, 200) },
  ]);
}

function report(
  { things, made, start, questions }: Made & { readonly questions: readonly Question[] },
  memoryAtStart: number | undefined,
  memoryAtMost: number | undefined,
  checks: readonly Check[],
): BenchReport {
  const figures: readonly (readonly Cell[])[] = [
    ["making the history, s", rounded(made, 1)],
    ["start of the cloud to its first line, ms", rounded(start)],
    ["memory after the start, MiB", rounded(memoryAtStart ?? Number.NaN)],
    ["memory at most, MiB", rounded(memoryAtMost ?? Number.NaN)],
  ];
  const rows = questions.map(({ name, median: ms, requests, found }): Cell[] => [
    ...[name, rounded(ms, 1), requests, found],
  ]);
  return {
    tables: [
      {
        title: `${things} things, each with ${JOBS} executions and 2 shadows`,
        columns: ["figure", "value"],
        rows: figures,
      },
      { title: "questions", columns: ["question", "ms, median", "requests", "found"], rows },
    ],
    checks,
    figures: { things, jobs: JOBS, made, start, memoryAtStart, memoryAtMost, questions },
  };
}

/** Asks over HTTPS with signed requests, on a connection for each. */
class AskingOperator {
  requests = 0;
  readonly #operator: Operator;

  constructor({ cloud, credentials, caPem }: CloudProcess) {
    const { host, port } = cloud.https;
    this.#operator = httpsOperator({ origin: `https://${host}:${port}`, region: cloud.region, ca: caPem, credentials });
  }

  /** Number of entries in `member` of one answer. */
  async page(method: string, target: string, member: string): Promise<number> {
    return countOf((await this.#send({ service: "iot", method, target }))[member]);
  }

  async pages(method: string, target: string, member: string): Promise<number> {
    let count = 0;
    let token = "";
    do {
      const next = token === "" ? "" : `&nextToken=${encodeURIComponent(token)}`;
      const answer = await this.#send({ service: "iot", method, target: target + next });
      count += countOf(answer[member]);
      token = typeof answer.nextToken === "string" ? answer.nextToken : "";
    } while (token !== "");
    return count;
  }

  async turnOnIndexing(): Promise<void> {
    const thingIndexingConfiguration = {
      thingIndexingMode: "REGISTRY_AND_SHADOW",
      thingConnectivityIndexingMode: "STATUS",
      namedShadowIndexingMode: "ON",
      filter: { namedShadowNames: ["fota", "$package"] },
      customFields: [{ name: VERSION, type: "String" }],
    };
    await this.#post("/indexing/config", { thingIndexingConfiguration });
    for (;;) {
      const { indexStatus } = await this.#send({ service: "iot", method: "GET", target: "/indices/AWS_Things" });
      if (indexStatus === "ACTIVE") return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async search(queryString: string, all: boolean): Promise<number> {
    let count = 0;
    let nextToken: unknown;
    do {
      const answer = await this.#post("/indices/search", { queryString, maxResults: 100, nextToken });
      count += countOf(answer.things);
      nextToken = answer.nextToken;
    } while (all && nextToken !== undefined);
    return count;
  }

  async statistics(queryString: string): Promise<number> {
    const { statistics } = await this.#post("/indices/statistics", { queryString });
    return countOf(statistics);
  }

  async buckets(aggregationField: string): Promise<number> {
    const bucketsAggregationType = { termsAggregation: { maxBuckets: 100 } };
    const wanted = { queryString: "thingName:*", aggregationField, bucketsAggregationType };
    return countOf((await this.#post("/indices/buckets", wanted)).buckets);
  }

  async report(thingName: string, reported: object): Promise<void> {
    const body = Buffer.from(JSON.stringify({ state: { reported } }));
    await this.#send({ service: "iotdata", method: "POST", target: `/things/${thingName}/shadow?name=fota`, body });
  }

  #post(target: string, body: object): Promise<Record<string, unknown>> {
    return this.#send({ service: "iot", method: "POST", target, body: Buffer.from(JSON.stringify(body)) });
  }

  async #send(request: OperatorRequest): Promise<Record<string, unknown>> {
    this.requests += 1;
    const { text } = expectOk(`${request.method} ${request.target}`, await this.#operator.send(request));
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  }
}

/** Entries of a list; of an object, its member `count`, or 1. */
function countOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return "count" in value && typeof value.count === "number" ? value.count : 1;
}

function seconds(body: () => void): number {
  const startedAt = performance.now();
  body();
  return (performance.now() - startedAt) / 1000;
}
