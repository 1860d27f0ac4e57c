import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UpdateIndexingConfigurationCommand } from "@aws-sdk/client-iot";
import mqtt, { type MqttClient } from "mqtt";
import { EXIT_TEXTS } from "../../operator/commands/index.js";
import { image } from "./support/images.js";
import { OperatedCloud } from "./support/operated-cloud.js";
import { type Decide, SimulatedFleet } from "./support/simulated-fleet.js";
import { filesBelow, ROOT, readText } from "./support/sources.js";

const run = promisify(execFile);
const text = readFileSync(new URL("../../docs/operator.md", import.meta.url), "utf8");
const BIN = fileURLToPath(new URL("../../operator/bin.mjs", import.meta.url));
const DEVICES = 20;
const CANARIES = 4;
const names = Array.from({ length: DEVICES }, (_, index) => `lamp-${String(index + 1).padStart(4, "0")}`);
const hasSeq = (() => {
  try {
    return execFileSync("seq", ["1"]).length > 0;
  } catch {
    return false;
  }
})();

type Step = { readonly command: string; readonly ends: readonly number[] };

/** The commands of a block, each with the exit codes that the page says it has. */
function stepsIn(block: string): readonly Step[] {
  return block
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, command = line, note = ""] = /^(.*?) # (ends with .*)$/.exec(line) ?? [];
      const codes = [...(/^[^:]*/.exec(note)?.[0].matchAll(/\d+/g) ?? [])].map(([code]) => Number(code));
      return { command, ends: codes.length === 0 ? [0] : codes };
    });
}

/** All blocks but those of a real account. */
const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, block = ""]) => block)
  .filter((block) => !block.startsWith("# a real account alone\n"));

describe("docs/operator.md", function () {
  this.timeout(120_000);

  it("has the tool's exit codes", () => {
    const section = text.slice(text.indexOf("## Exit codes"));
    const rows = [...section.slice(0, section.indexOf("\n## ", 1)).matchAll(/^\| (\d+) \| (.*) \|$/gm)];
    assert.deepEqual(Object.fromEntries(rows.map(([, code = "", meaning]) => [code, meaning])), EXIT_TEXTS);
  });

  it("has a policy with every action that the tool asks for, and no other", () => {
    const policy = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "");
    const allowed = policy.Statement.flatMap(({ Action }: { readonly Action: readonly string[] }) => Action);
    const sources = filesBelow("operator", ".ts").map(readText).join("\n");
    const asked = new Set([...sources.matchAll(/"((?:iot|s3|sts|iam):[A-Z]\w+)"/g)].map(([, action = ""]) => action));
    // What devices and AWS IoT ask for; and what comes with CreateJob, and with an upload in parts.
    for (const action of ["iot:Connect", "iot:Publish", "iot:Receive", "iot:Subscribe", "sts:AssumeRole"])
      asked.delete(action);
    asked.add("iam:PassRole").add("s3:AbortMultipartUpload");
    assert.deepEqual([...allowed].sort(), [...asked].sort());
  });

  it("shows the rights that the role and the bucket need as doctor has them", () => {
    assert.ok(text.includes('"Principal":{"Service":"iot.amazonaws.com"},"Action":"sts:AssumeRole"'));
    assert.ok(text.includes("arn:aws:s3:::my-firmware/fota/*"));
  });

  describe(`has commands that work as they stand${hasSeq ? "" : " (skipped: seq is not installed)"}`, () => {
    const operated = new OperatedCloud();
    const connections: MqttClient[] = [];
    const failed = new Set<string>();
    let fleet: SimulatedFleet;
    let over = (): void => {};
    let living: Promise<void> | undefined;

    /** One device fails once, after the canaries. */
    const decide: Decide = (thing, version) => {
      const updated = [...fleet.versions.values()].filter((known) => known === "1.0.2").length;
      if (version === "1.0.2" && updated >= CANARIES && failed.size === 0) {
        failed.add(thing);
        return { status: "FAILED", code: "idle-timeout" };
      }
      return { status: "SUCCEEDED" };
    };
    /** With the identity that the tool made. */
    const connect = async (thing: string): Promise<void> => {
      const { host, port } = operated.local.mqtt;
      const file = (name: string) => readFileSync(join(operated.dir, "devices", thing, name));
      const client = mqtt.connect({
        protocol: "mqtts",
        host: "127.0.0.1",
        port,
        servername: host,
        clientId: thing,
        ca: operated.local.ca,
        cert: file("certificate.pem.crt"),
        key: file("private.pem.key"),
        reconnectPeriod: 0,
      });
      connections.push(client);
      await new Promise<void>((resolve, reject) => client.once("connect", () => resolve()).once("error", reject));
    };
    const shell = async ({ command, ends }: Step): Promise<void> => {
      const here = command
        .replace(" 1 1000)", ` 1 ${DEVICES})`)
        .replace("--canary 10 --soak 30", `--canary ${CANARIES} --soak 0`)
        .replace("--wait", "--wait --every 1");
      const script = `fota() { "${process.execPath}" "${BIN}" "$@"; }\n${here}`;
      const env = { ...process.env, ...operated.env };
      const ended = await run("sh", ["-c", script], { cwd: operated.dir, env }).then(
        () => ({ code: 0, said: "" }),
        (error: { code: number; stdout: string; stderr: string }) => ({
          code: error.code,
          said: error.stdout + error.stderr,
        }),
      );
      assert.ok(ends.includes(ended.code), `${here}\nended with ${ended.code}: ${ended.said}`);
    };

    before(async function () {
      if (!hasSeq) this.skip();
      await operated.start({ bucket: false });
      for (const version of ["1.0.1", "1.0.2", "1.0.3"]) operated.file(`app-${version}.bin`, image(version));
      copyFileSync(join(ROOT, "modules/ota-partition/esp32/partitions.csv"), join(operated.dir, "partitions.csv"));
      operated.file("manifest.json", "{}");
      const thingIndexingConfiguration = {
        thingIndexingMode: "REGISTRY",
        thingConnectivityIndexingMode: "STATUS",
      } as const;
      await operated.iot.send(new UpdateIndexingConfigurationCommand({ thingIndexingConfiguration }));
    });
    after(async () => {
      over();
      await living;
      for (const client of connections) client.end(true);
      fleet?.close();
      await operated.stop();
    });

    it("has blocks, and steps in each", () => {
      assert.equal(blocks.length, 6);
      assert.ok(blocks.every((block) => stepsIn(block).length > 0));
    });

    for (const block of blocks) {
      const steps = stepsIn(block);
      it(`${steps[0]?.command.slice(0, 60)} ... (${steps.length} commands)`, async () => {
        for (const step of steps) await shell(step);
        if (!block.includes("fota provision")) return;
        for (const name of names) await connect(name);
        fleet = new SimulatedFleet(operated.local, names, "1.0.1");
        living = fleet.live(
          decide,
          new Promise<void>((resolve) => {
            over = resolve;
          }),
        );
      });
    }

    it("leads to a fleet that is back on its old version", () => {
      assert.equal(failed.size, 1);
      const [again = ""] = failed;
      const back = names.filter((name) => name !== again).map((name) => fleet.versions.get(name));
      assert.deepEqual(new Set(back), new Set(["1.0.1"]));
      // The job before never brought it to this one.
      assert.notEqual(fleet.versions.get(again), "1.0.1");
    });
  });
});
