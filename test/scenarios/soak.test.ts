import assert from "node:assert/strict";
import { seededRandom } from "../../host-sim/board/index.js";
import {
  growthOf,
  type Holdings,
  type Judged,
  KINDS,
  planUpdate,
  reportLines,
  soak,
  violationsOf,
} from "../../host-sim/soak/index.js";
import { CommandProcess } from "../support/run-command.js";
import { needXs, XS_TITLE } from "../support/xs-required.js";

const UPDATES = 20;
const SEED = 3;
const TIMEOUT_MS = 300_000;

describe("updates back to back with faults from a seed", function () {
  this.timeout(TIMEOUT_MS);

  it(`end truly ${UPDATES} times, and nothing grows`, async () => {
    const summary = await soak({ updates: UPDATES, seed: SEED, engine: "node" });
    assert.deepEqual(summary.violations, [], `npm run soak -- --updates ${UPDATES} --seed ${SEED}`);
    assert.equal(summary.updates, UPDATES);
    assert.ok(summary.powerCuts > 0);
    assert.ok(Object.keys(summary.endings).length >= 3, JSON.stringify(summary.endings));
    assert.equal(reportLines(summary).at(-1), "every promise was kept");
  });

  it("are the same for the same seed, and others for another", async () => {
    const run = async (seed: number) => (await soak({ updates: 5, seed, engine: "node" })).fingerprint;
    const first = await run(SEED);
    assert.equal(await run(SEED), first);
    assert.notEqual(await run(SEED + 1), first);
  });

  it("are of every kind, and the plan depends on the seed alone", () => {
    const plans = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 300 }, (_, index) => planUpdate(index + 1, random));
    };
    assert.deepEqual(plans(1), plans(1));
    assert.deepEqual(new Set(plans(1).map(({ kind }) => kind)), new Set(KINDS));
    for (const { cuts, http, mqtt, outages, weather, cancelAtMs, kind } of plans(1)) {
      assert.equal(cancelAtMs !== undefined, kind === "canceled");
      assert.ok(weather.lastsMs >= 0 && cuts.length + http.length + mqtt.length + outages.length <= 11);
    }
  });
});

describe(`updates back to back ${XS_TITLE}`, function () {
  this.timeout(TIMEOUT_MS);
  before(needXs);

  it("end as on the other engine", async () => {
    const [node, xs] = [
      await soak({ updates: 8, seed: SEED, engine: "node" }),
      await soak({ updates: 8, seed: SEED, engine: "xs" }),
    ];
    assert.deepEqual(xs.violations, []);
    assert.deepEqual([xs.endings, xs.fingerprint], [node.endings, node.fingerprint]);
    assert.ok(xs.heap.first !== undefined && node.heap.first === undefined);
  });
});

describe("the judge of a soak", () => {
  const good: Judged = {
    kind: "good",
    from: "1.0.1",
    to: "1.0.2",
    atEnd: { status: "SUCCEEDED", version: "1.0.2" },
    status: "SUCCEEDED",
    runs: "1.0.2",
    atRest: true,
    terminal: [{ status: "SUCCEEDED" }],
  };

  it("accepts what is true", () => {
    const old = { from: "1.0.1", to: "1.0.2", runs: "1.0.1" };
    const ended = (status: string): Partial<Judged> => ({
      ...old,
      status,
      atEnd: { status, version: "1.0.1" },
      terminal: [{ status }],
    });
    assert.deepEqual(violationsOf(good), []);
    assert.deepEqual(violationsOf({ ...good, ...ended("FAILED") }), []);
    assert.deepEqual(violationsOf({ ...good, ...ended("FAILED"), kind: "hangs" }), []);
    assert.deepEqual(violationsOf({ ...good, ...ended("CANCELED"), kind: "canceled", terminal: [] }), []);
    assert.deepEqual(violationsOf({ ...good, ...ended("REJECTED"), kind: "same-version", to: "1.0.1" }), []);
  });

  it("names everything that is not", () => {
    const wrong: readonly Partial<Judged>[] = [
      { atEnd: undefined },
      { atRest: false },
      { runs: undefined },
      { runs: "1.0.1" },
      { status: "FAILED" },
      { atEnd: { status: "SUCCEEDED", version: "1.0.1" } },
      { atEnd: { status: "REJECTED", version: "1.0.1" }, status: "REJECTED", runs: "1.0.1" },
      { kind: "crashes-later" },
      { kind: "damaged" },
      { kind: "same-version" },
      { terminal: [{ status: "FAILED" }, { status: "SUCCEEDED" }] },
    ];
    for (const change of wrong) assert.notDeepEqual(violationsOf({ ...good, ...change }), [], JSON.stringify(change));
  });

  it("sees each thing that grows, and no growth where there is none", () => {
    const idle: Holdings = { timers: 2, sockets: 1, connections: 1, sessions: 1 };
    const samples = (last: Partial<Holdings>) => [
      ...Array.from({ length: 30 }, (): Holdings => ({ ...idle, slots: 1000 })),
      ...Array.from({ length: 10 }, (): Holdings => ({ ...idle, slots: 1000, ...last })),
    ];
    assert.deepEqual(growthOf(idle, samples({})), []);
    for (const name of ["timers", "sockets", "connections", "sessions"] as const)
      assert.deepEqual(growthOf(idle, samples({ [name]: 9 })), [`${name} grew from ${idle[name]} to 9`]);
    assert.equal(growthOf(idle, samples({ slots: 1300 })).length, 1);
    assert.deepEqual(growthOf(idle, samples({ slots: 1050 })), []);
  });
});

describe("npm run soak", function () {
  this.timeout(TIMEOUT_MS);

  const call = async (...args: string[]) => {
    const command = new CommandProcess(["soak", ...args]);
    return { code: await command.exit, lines: command.lines, error: command.err };
  };

  it("reports how far it is and what came of it", async () => {
    const { code, lines } = await call("--updates", "3", "--seed", "5", "--engine", "node", "--tell", "2", "--json");
    assert.equal(code, 0, lines.join("\n"));
    assert.equal(lines[0], "soak: 3 updates, seed 5, Node's engine");
    assert.ok(lines.some((line) => /^3 of 3, [\d.]+ s: /.test(line)));
    assert.ok(lines.some((line) => line.startsWith("  aws-fota: ")));
    const summary: unknown = JSON.parse(lines.at(-1) ?? "");
    assert.ok(typeof summary === "object" && summary !== null && "updates" in summary && summary.updates === 3);
  });

  it("answers a wrong call with one line and exit code 2", async () => {
    for (const args of [
      ["--updates", "0"],
      ["--updates", "many"],
      ["--seed", "-1"],
      ["--engine", "v8"],
      ["--updates", "2", "--tell", "3"],
      ["--for-ever"],
      ["stray"],
    ]) {
      const { code, lines, error } = await call(...args);
      assert.deepEqual([code, lines, error.trim().split("\n").length], [2, [], 1], `${args.join(" ")}: ${error}`);
    }
  });
});
