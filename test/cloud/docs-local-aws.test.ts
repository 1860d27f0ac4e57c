import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DEFAULT_BROKER_OPTIONS } from "../../host-sim/cloud/broker/options.js";
import { DEFAULT_INDEXING_OPTIONS } from "../../host-sim/cloud/indexing/options.js";
import { DEFAULT_JOBS_OPTIONS } from "../../host-sim/cloud/jobs/options.js";
import { S3_DEFAULTS } from "../../host-sim/cloud/s3/service.js";
import { type LocalAws, startLocalAws } from "../../host-sim/cloud/server/local-aws.js";
import { DEFAULT_SHADOW_OPTIONS } from "../../host-sim/cloud/shadows/options.js";
import { pattern } from "./support/memory-s3.js";

const run = promisify(execFile);
const text = readFileSync(new URL("../../docs/local-aws.md", import.meta.url), "utf8");

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
const hasCli = isInstalled("aws");
const hasCurl = isInstalled("curl");

/** The right column of the table of commands. */
function localCommands(): string[] {
  return text.split("\n").flatMap((line) => {
    const cells = /^\| `(aws .*)` \| `(aws .*)` \|$/.exec(line);
    return cells?.[2] === undefined ? [] : [cells[2]];
  });
}

describe("docs/local-aws.md", function () {
  this.timeout(120_000);

  it("lists every switch with its default", () => {
    const groups = {
      jobs: DEFAULT_JOBS_OPTIONS,
      broker: DEFAULT_BROKER_OPTIONS,
      s3: S3_DEFAULTS,
      shadows: DEFAULT_SHADOW_OPTIONS,
      indexing: DEFAULT_INDEXING_OPTIONS,
    };
    const expected = Object.entries(groups).flatMap(([group, options]) =>
      Object.entries(options).map(([name, value]) => `${group}.${name} ${value}`),
    );
    const listed = [...text.matchAll(/^\| `((?:jobs|broker|s3|shadows|indexing)\.\w+)` \| .* \| (\S+) \|$/gm)].map(
      (row) => `${row[1]} ${row[2]}`,
    );
    assert.deepEqual(listed.sort(), expected.sort());
  });

  it("shows the same command on both sides but for endpoint and account", () => {
    const rows = text.split("\n").flatMap((line) => {
      const cells = /^\| `(aws .*)` \| `(aws .*)` \|$/.exec(line);
      return cells === null ? [] : [cells];
    });
    assert.equal(rows.length, 5);
    for (const [, real, local] of rows) {
      const bare = local?.replace(' --endpoint-url "$AWS_ENDPOINT_URL"', "").replaceAll("000000000000", "123456789012");
      assert.equal(bare, real);
    }
  });

  describe("on a running cloud", () => {
    let dir: string;
    let cloud: LocalAws;
    before(async () => {
      dir = mkdtempSync(join(tmpdir(), "aws-fota-docs-"));
      writeFileSync(join(dir, "app.bin"), pattern(1000));
      cloud = await startLocalAws({ dir: join(dir, "cloud") });
    });
    after(async () => {
      await cloud.close();
      rmSync(dir, { recursive: true, force: true });
    });

    async function shell(script: string): Promise<string> {
      const { stdout } = await run("sh", ["-e", "-c", `. ./cloud/env.sh\n${script}`], { cwd: dir });
      return stdout;
    }

    it(`has five commands that work as they stand${hasCli ? "" : " (skipped: aws is not installed)"}`, async function () {
      if (!hasCli) this.skip();
      await shell('aws --endpoint-url "$AWS_ENDPOINT_URL" s3 mb s3://my-fw');
      const outputs: string[] = [];
      for (const command of localCommands()) outputs.push(await shell(command));
      assert.equal(outputs.length, 5);
      assert.match(outputs[4] ?? "", /"status": "QUEUED"/);
    });

    it(`has fault orders that work as they stand${hasCurl ? "" : " (skipped: curl is not installed)"}`, async function () {
      if (!hasCurl) this.skip();
      const script = /```sh\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
      const answers = (await shell(script)).trim().split("\n");
      assert.equal(answers.length, 6);
      assert.match(answers[2] ?? "", /"http":\[.*,.*\],"mqtt":\[.*"duplicate".*\]/);
      assert.equal(answers[3], '{"http":[],"mqtt":[]}');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.match(
        await shell('curl --fail --silent --cacert "$AWS_CA_BUNDLE" "$AWS_ENDPOINT_URL/_local/endpoints"'),
        /"mqtt"/,
      );
    });
  });
});
