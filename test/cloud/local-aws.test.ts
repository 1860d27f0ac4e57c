import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runCloud } from "../../host-sim/cloud/command/run-cloud.js";
import { arnOf } from "../../host-sim/cloud/context/arns.js";
import { type LocalAws, startLocalAws } from "../../host-sim/cloud/server/local-aws.js";
import { expectOk, httpsOperator } from "../../host-sim/cloud/server/operator.js";
import { eventually, operatorOf, statusOf } from "./support/local-aws.js";
import { pattern } from "./support/memory-s3.js";

const SWITCHES = { jobs: { rolloutDelayMs: 0 } };

function lines() {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out,
    err,
    output: { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) },
  };
}

/** An object `/images/<jobId>`, and a job with that id for the thing. */
async function createJob(cloud: LocalAws, thingName: string, jobId: string, body: Uint8Array): Promise<void> {
  const { operator, region, account } = cloud;
  expectOk("CreateBucket", await operator.send({ service: "s3", method: "PUT", target: "/images" }));
  expectOk("PutObject", await operator.send({ service: "s3", method: "PUT", target: `/images/${jobId}`, body }));
  const job = { targets: [arnOf({ region, account }, "thing", thingName)], document: "{}" };
  const document = Buffer.from(JSON.stringify(job));
  expectOk(
    "CreateJob",
    await operator.send({ service: "iot", method: "PUT", target: `/jobs/${jobId}`, body: document }),
  );
}

describe("the local AWS", function () {
  this.timeout(60_000);
  let dir: string;
  const open: LocalAws[] = [];

  async function start(): Promise<LocalAws> {
    const cloud = await startLocalAws({ dir, switches: SWITCHES });
    open.push(cloud);
    return cloud;
  }
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-cloud-"));
  });
  afterEach(async () => {
    for (const cloud of open.splice(0)) await cloud.close();
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it("provisions a device whose files are complete, private and the same each time", async () => {
    const cloud = await start();
    const files = await cloud.createDevice("board-1");
    const certificate = new X509Certificate(readFileSync(files.certificatePem));
    assert(certificate.checkPrivateKey(createPrivateKey(readFileSync(files.privateKeyPem))));
    assert.deepEqual(certificate.raw, readFileSync(files.certificateDer));
    createPrivateKey({ key: readFileSync(files.privateKeyDer), format: "der", type: "pkcs8" });
    for (const file of [files.privateKeyPem, files.privateKeyDer, join(dir, "credentials.json"), join(dir, "env.sh")]) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file);
    }
    await cloud.createDevice("board-1");
    assert.deepEqual(certificate.raw, readFileSync(files.certificateDer));
    assert.deepEqual(
      cloud.devices().map((device) => device.thingName),
      ["board-1"],
    );
    await assert.rejects(cloud.createDevice("no good"), { code: "InvalidRequest" });
  });

  it("keeps things, certificates, jobs and objects over a restart, and lets nobody else into the folder meanwhile", async () => {
    const first = await start();
    const { dir: device } = await first.createDevice("board-2");
    await createJob(first, "board-2", "kept", pattern(1000));
    await eventually(() => statusOf(first, "board-2", "kept"));
    await assert.rejects(startLocalAws({ dir }), /another local cloud uses/);
    await first.close();
    const second = await start();
    assert.equal(statusOf(second, "board-2", "kept"), "QUEUED");
    assert.equal((await second.createDevice("board-2")).dir, device);
    assert.deepEqual(second.credentials, first.credentials);
    const got = await operatorOf(second).send({ service: "s3", method: "HEAD", target: "/images/kept" });
    assert.equal(got.headers["content-length"], "1000");
  });

  it("refuses a port in use and leaves the folder free", async () => {
    const cloud = await start();
    const other = mkdtempSync(join(tmpdir(), "aws-fota-cloud-"));
    try {
      await assert.rejects(startLocalAws({ dir: other, httpsPort: cloud.https.port }), /EADDRINUSE/);
      await assert.rejects(startLocalAws({ dir: other, mqttPort: cloud.mqtt.port }), /EADDRINUSE/);
      await (await startLocalAws({ dir: other })).close();
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it("takes faults over its local API and refuses wrong ones", async () => {
    const cloud = await start();
    const operator = operatorOf(cloud);
    const local = (method: string, path: string, body = "", type = "application/json") =>
      operator.send({
        service: "s3",
        method,
        target: `/_local/${path}`,
        headers: { "content-type": type },
        body: Buffer.from(body),
      });
    const faults = {
      http: { service: "s3", status: 503, retryAfter: "3" },
      mqtt: [{ kind: "drop", packet: "publish" }],
    };
    assert.equal((await local("POST", "faults", JSON.stringify(faults))).status, 200);
    assert.deepEqual(JSON.parse((await local("GET", "faults")).text), { http: [faults.http], mqtt: faults.mqtt });
    const hit = await operator.send({ service: "s3", method: "GET", target: "/" });
    assert.equal(hit.status, 503);
    assert.equal(hit.headers["retry-after"], "3");
    assert.equal((await operator.send({ service: "s3", method: "GET", target: "/" })).status, 200);
    for (const wrong of [
      '{"http":{"staus":503}}',
      '{"http":{"status":"503"}}',
      '{"mqtt":{"kind":"explode"}}',
      '{"other":1}',
      "[",
      '{"mqtt":{"kind":"drop","topic":"("}}',
    ]) {
      assert.equal((await local("POST", "faults", wrong)).status, 400, wrong);
    }
    assert.equal((await local("POST", "faults", "{}", "text/plain")).status, 415);
    assert.equal((await local("POST", "nothing", "{}")).status, 404);
    assert.equal((await local("DELETE", "faults")).text, '{"http":[],"mqtt":[]}\n');
    assert.match((await local("GET", "counters")).text, /"s3":2,/);
    assert.equal(JSON.parse((await local("GET", "endpoints")).text).mqtt.port, cloud.mqtt.port);
  });

  it("goes away and comes back on the same ports", async () => {
    const cloud = await start();
    await cloud.goAway();
    await assert.rejects(operatorOf(cloud).send({ service: "s3", method: "GET", target: "/" }), /ECONNREFUSED/);
    await cloud.comeBack();
    assert.equal((await operatorOf(cloud).send({ service: "s3", method: "GET", target: "/" })).status, 200);
  });

  describe("npm run cloud", () => {
    it("refuses bad input with one line and exit code 2", async () => {
      const cloud = await start();
      for (const [argv, reason] of [
        [["--mqtt-port", "x"], /--mqtt-port must be a port/],
        [["--https-port", "70000"], /--https-port must be a port/],
        [["--region", "here"], /--region/],
        [["--fleet", "0"], /--fleet must be/],
        [["--fleet", "many"], /--fleet must be/],
        [["extra"], /extra/],
        [["--dir", dir], /another local cloud uses/],
        [["--dir", join(dir, "cloud.json")], /EEXIST|ENOTDIR/],
      ] as const) {
        const { err, output } = lines();
        assert.equal(await runCloud(argv, output), 2, argv.join(" "));
        assert.equal(err.length, 1);
        assert.match(err[0] ?? "", reason);
      }
      assert.equal(cloud.devices().length > 0, true);
    });

    it("prints one line, loses nothing at kill -9 and ends with 0 at SIGINT", async () => {
      const state = mkdtempSync(join(tmpdir(), "aws-fota-cloud-"));
      try {
        const first = await CloudProcess.start(state, "board-9");
        await first.put("/kept-bucket");
        first.child.kill("SIGKILL");
        await once(first.child, "exit");
        const second = await CloudProcess.start(state);
        assert.deepEqual(Object.keys(second.line.things), ["board-9"]);
        assert.equal(second.line.dir, state);
        assert.match(await second.get("/"), /<Name>kept-bucket</);
        second.child.kill("SIGINT");
        const [code] = await once(second.child, "exit");
        assert.equal(code, 0);
      } finally {
        rmSync(state, { recursive: true, force: true });
      }
    });
  });
});

/** The command in a process of its own, which can be killed. */
class CloudProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly line: { dir: string; ca: string; region: string; things: object; endpoints: { https: { url: string } } },
  ) {}

  static async start(dir: string, thing?: string): Promise<CloudProcess> {
    const module = fileURLToPath(new URL("../../host-sim/cloud/command/run-cloud.ts", import.meta.url));
    const code = `import { runCloud } from ${JSON.stringify(module)}; process.exitCode = await runCloud(process.argv.slice(1));`;
    const more = thing === undefined ? [] : ["--thing", thing];
    const args = ["--import", "tsx", "--input-type=module", "-e", code, "--", "--dir", dir, ...more];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    return new CloudProcess(child, JSON.parse(String(line)));
  }

  #operator() {
    const credentials = JSON.parse(readFileSync(join(this.line.dir, "credentials.json"), "utf8"));
    const ca = readFileSync(this.line.ca, "utf8");
    return httpsOperator({ origin: this.line.endpoints.https.url, region: this.line.region, ca, credentials });
  }
  async put(target: string): Promise<void> {
    assert.equal((await this.#operator().send({ service: "s3", method: "PUT", target })).status, 200);
  }
  async get(target: string): Promise<string> {
    return (await this.#operator().send({ service: "s3", method: "GET", target })).text;
  }
}
