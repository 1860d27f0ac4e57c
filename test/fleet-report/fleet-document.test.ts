import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { type FleetFacts, shadowDocument } from "../../modules/fleet-report/index.js";

const run = promisify(execFile);
const TEXT = readFileSync(new URL("../../docs/fleet.md", import.meta.url), "utf8");
const THING = "board-1";
/** Fleet indexing lags, here and on AWS. */
const LAG_MS = 20_000;

const FACTS: Required<FleetFacts> = {
  version: "1.0.1",
  slot: "ota_0",
  project: "blink",
  reset: "software",
  outcome: "FAILED",
  code: "self-test-failed",
  job: "job-1",
  quarantine: "0123456789abcdef",
  boots: 3,
  memory: 40_000,
};

const hasCli = (() => {
  try {
    execFileSync("aws", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Code of the page's blocks in a shell. */
const blocks = [...TEXT.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
const queries = [...TEXT.matchAll(/^\| [^|]+ \| `(shadow\.[^`]+)` \|$/gm)].map((match) => match[1] ?? "");

describe("docs/fleet.md", () => {
  it("lists every member of a report with its type", () => {
    const rows = [...TEXT.matchAll(/^\| `(\w+)` \| (text|number) \| /gm)].map(([, name, type]) => [name, type]);
    const expected = Object.entries(FACTS).map(([name, value]) => [
      name,
      typeof value === "number" ? "number" : "text",
    ]);
    assert.deepEqual(rows.sort(), expected.sort());
  });

  describe(`on a running cloud${hasCli ? "" : " (skipped: aws is not installed)"}`, function () {
    this.timeout(180_000);
    let dir: string;
    let cloud: LocalAws;

    before(async function () {
      if (!hasCli) return this.skip();
      dir = mkdtempSync(join(tmpdir(), "aws-fota-fleet-"));
      cloud = await startLocalAws({ dir: join(dir, "cloud") });
      await cloud.createDevice(THING);
    });
    after(async () => {
      await cloud?.close();
      if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
    });

    /** As printed, and with the local endpoint behind `aws`. */
    async function shell(script: string): Promise<string> {
      const local = '. ./cloud/env.sh\naws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" --output json "$@"; }\n';
      const { stdout } = await run("bash", ["-e", "-c", `${local}${script}`], { cwd: dir });
      return stdout;
    }

    async function found(query: string): Promise<string[]> {
      const answer: unknown = JSON.parse(await shell(`aws iot search-index --query-string '${query}'`));
      assert.ok(typeof answer === "object" && answer !== null && "things" in answer && Array.isArray(answer.things));
      return answer.things.map((thing: { thingName: string }) => thing.thingName);
    }

    it("has commands that work as they stand, and queries that find the device they ask for", async () => {
      const [configure = "", ask = ""] = blocks;
      assert.equal(blocks.length, 2);
      await shell(configure);
      // From a file: the two versions of the CLI read a payload on the line differently.
      writeFileSync(join(dir, "report.json"), shadowDocument(FACTS, undefined));
      const update = `aws iot-data update-thing-shadow --thing-name ${THING} --shadow-name fota`;
      await shell(`${update} --payload fileb://report.json shadow.json`);
      const end = Date.now() + LAG_MS;
      while ((await found("shadow.name.fota.reported.version:1.0.1")).length === 0 && Date.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 500));
      assert.match(await shell(ask), /"thingName": "board-1"[\s\S]*"count": 1/);
      assert.equal(queries.length, 4);
      for (const query of queries) {
        const isConnected = query.includes("connectivity");
        assert.deepEqual(await found(query), isConnected ? [] : [THING], query);
      }
    });
  });
});
