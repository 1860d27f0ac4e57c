import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePatch } from "fota-operator/patch";
import { type LocalAws, startLocalAws } from "local-aws-iot";
import { isTerminal } from "local-aws-iot/facts";
import { issueAuthority, issueDevice, issueServer } from "local-aws-iot/pki";
import { NodeDigest } from "../../host-sim/chip/node-digest.js";
import { type PublishedPatch, publishImage } from "../../host-sim/publish/index.js";
import { digestOf, simulatedSignature } from "../../host-sim/signing/index.js";
import { buildBundleImage } from "../../modules/esp32-sim/index.js";
import { openToOthers } from "../support/modes.js";
import { mosquittoProgram, startMosquitto } from "../support/mosquitto.js";
import { serveRanges } from "../support/range-server.js";
import { ScriptedJobs } from "../support/scripted-jobs.js";
import { ApplicationBuild } from "./application/application-build.js";
import { SimulatedDevice } from "./application/simulated-device.js";
import { findSdk, type ModdableSdk } from "./sdk.js";

const THING = "sim-1";
const MINUTE = 60_000;
/** The first build compiles everything, TypeScript included. */
const BUILD_MS = 15 * MINUTE;
/** Long enough for a connection, short enough to wait for. */
const SELF_TEST_MS = 6_000;
const NO_SDK = "needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run";

/** The program that runs is the simulator's own; the image stands for it in version, size and content. */
const image = (version: string, size: number) =>
  buildBundleImage({ bundle: new Uint8Array(0), version, totalSize: size, seed: size, Digest: NodeDigest });

describe("the firmware in Moddable's simulator, on the SDK's own classes", () => {
  let sdk: ModdableSdk | undefined;
  let build: ApplicationBuild;

  before(() => {
    const found = findSdk();
    if (!found.available) return;
    sdk = found.sdk;
    build = new ApplicationBuild(sdk, "application");
  });

  after(() => build?.remove());

  describe(`against the local AWS (${NO_SDK})`, function () {
    this.timeout(3 * MINUTE);
    let cloud: LocalAws;
    let device: SimulatedDevice;
    let library: string;
    let dir: string;

    before(async function () {
      this.timeout(BUILD_MS);
      if (sdk === undefined) return this.skip();
      dir = mkdtempSync(join(tmpdir(), "moddable-cloud-"));
      cloud = await startLocalAws({ dir });
      const { certificatePem, privateKeyPem } = await cloud.createDevice(THING);
      device = new SimulatedDevice(sdk);
      library = await build.build({
        thingName: THING,
        endpoint: cloud.mqtt.host,
        port: cloud.mqtt.port,
        certificatePem: readFileSync(certificatePem, "utf8"),
        keyPem: readFileSync(privateKeyPem, "utf8"),
        rootPem: readFileSync(cloud.ca, "utf8"),
        state: device.state,
        additions: { config: { selfTestTimeoutMs: SELF_TEST_MS } },
      });
    });

    after(async () => {
      await device?.remove();
      await cloud?.close();
      if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
    });

    function job(version: string, size: number, patches: readonly PublishedPatch[] = []) {
      const bytes = image(version, size);
      const documentExtra = { sha256: digestOf(bytes), "sig-sha256-ecdsa": simulatedSignature(bytes) };
      return publishImage(cloud, { image: bytes, version, thingNames: [THING], documentExtra, patches });
    }

    async function execution(jobId: string, status: string): Promise<{ statusDetails: Record<string, string> }> {
      for (let left = 300; left > 0; left -= 1) {
        const { execution: found } = cloud.jobExecution(THING, jobId) as {
          execution: { status: string; statusDetails: { detailsMap: Record<string, string> } };
        };
        if (found.status === status) return { statusDetails: found.statusDetails.detailsMap };
        if (isTerminal(found.status)) {
          assert.fail(`${jobId} is ${found.status}: ${JSON.stringify(found.statusDetails)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return assert.fail(`${jobId} does not become ${status}`);
    }

    it("takes a whole update: download over TLS, restart, first boot on probation, confirmation, SUCCEEDED", async () => {
      const old = await device.boot(library);
      await old.seen(/aws-fota: 1\.0\.1 runs in ota_0 \(VALID\)/);
      await old.seen(/mqtt: connected/);
      assert.deepEqual(openToOthers(device.state), []);
      const { jobId } = await job("1.0.2", 200_000);
      await old.seen(/downloading -> verifying/);
      await old.restarted();

      const first = await device.boot(library);
      await first.seen(/aws-fota: 1\.0\.2 runs in ota_1 \(PENDING_VERIFY\), first start, on trial/);
      await first.seen(/confirming -> reporting \(confirmed\)/);
      const { statusDetails } = await execution(jobId, "SUCCEEDED");
      assert.equal(statusDetails.to, "1.0.2");
      await first.seen(/reporting -> idle/);

      const second = await device.boot(library);
      await second.seen(/aws-fota: 1\.0\.2 runs in ota_1 \(VALID\), no update under way/);
      assert.equal(cloud.counters.s3 >= 1, true);
    });

    it("goes on where a power cut ended the download", async () => {
      const size = 400_000;
      const old = await device.boot(library);
      await old.seen(/mqtt: connected/);
      const before = cloud.counters.s3BodyBytes;
      const { jobId } = await job("1.0.3", size);
      await old.seen(/starting -> downloading/);
      await new Promise((resolve) => setTimeout(resolve, 3_500));
      await old.cut();
      assert.doesNotMatch(old.text, /verifying/);

      const again = await device.boot(library);
      await again.seen(/1\.0\.2 runs in ota_1 \(VALID\), update under way/);
      await again.restarted();
      await (await device.boot(library)).seen(/confirming -> reporting \(confirmed\)/);
      await execution(jobId, "SUCCEEDED");
      const sent = cloud.counters.s3BodyBytes - before;
      assert.ok(sent < 2 * size - 65_536, `${sent} bytes for an image of ${size}`);
    });

    it("returns to the old image when the new one never reaches the cloud, and reports FAILED", async () => {
      const old = await device.boot(library);
      await old.seen(/aws-fota: 1\.0\.3 runs in ota_0 \(VALID\)/);
      await old.seen(/mqtt: connected/);
      const { jobId } = await job("1.0.4", 150_000);
      await old.restarted();
      await cloud.goAway();
      const first = await device.boot(library);
      await first.seen(/1\.0\.4 runs in ota_1 \(PENDING_VERIFY\), first start, on trial/);
      await first.restarted(SELF_TEST_MS + 10_000);
      await cloud.comeBack();

      const back = await device.boot(library);
      await back.seen(/1\.0\.3 runs in ota_0 \(VALID\), update ended, not reported yet/);
      const { statusDetails } = await execution(jobId, "FAILED");
      assert.equal(statusDetails.code, "self-test-timeout");
      await back.seen(/reporting -> idle/);
    });

    it("tries the new image again when the power goes before it is confirmed, and reports SUCCEEDED", async () => {
      const old = await device.boot(library);
      await old.seen(/mqtt: connected/);
      const { jobId } = await job("1.0.5", 160_000);
      await old.restarted();
      await cloud.goAway();
      const first = await device.boot(library);
      await first.seen(/1\.0\.5 runs in ota_1 \(PENDING_VERIFY\), first start, on trial/);
      await first.cut();
      await cloud.comeBack();

      const back = await device.boot(library);
      await back.seen(/1\.0\.3 runs in ota_0 \(VALID\), power went while the new image was on trial/);
      await back.restarted();
      await (await device.boot(library)).seen(/confirming -> reporting \(confirmed\)/);
      await execution(jobId, "SUCCEEDED");
    });

    it("makes the new image out of the running one and a patch, and loads the whole one when a patch fails", async () => {
      const size = 200_000;
      const [from, to] = [image("1.0.5", 160_000), image("1.0.6", size)];
      const patch = makePatch({ from, to });
      const base = { image: from, version: "1.0.5" };
      const before = cloud.counters.s3BodyBytes;
      const old = await device.boot(library);
      await old.seen(/mqtt: connected/);
      const { jobId } = await job("1.0.6", size, [{ bytes: patch, base }]);
      await old.seen(/the patch fits what is installed/);
      await old.restarted();
      const made = await device.boot(library);
      await made.seen(/reporting -> idle/);
      assert.equal((await execution(jobId, "SUCCEEDED")).statusDetails.patch, "applied");
      assert.equal(cloud.counters.s3BodyBytes - before, patch.length);

      const broken = makePatch({ from: to, to: image("1.0.7", size) }).map((byte, at) =>
        at < 90 ? byte : byte ^ 0xff,
      );
      const next = await job("1.0.7", size, [{ bytes: broken, base: { image: to } }]);
      await made.seen(/patch-invalid, the whole image is loaded/);
      await made.restarted();
      await (await device.boot(library)).seen(/reporting -> idle/);
      assert.equal((await execution(next.jobId, "SUCCEEDED")).statusDetails.patch, "patch-invalid");
    });
  });

  const needs = mosquittoProgram === undefined ? `${NO_SDK}, mosquitto` : NO_SDK;
  describe(`against Mosquitto with scripted Jobs messages and a plain HTTPS server (${needs})`, function () {
    this.timeout(3 * MINUTE);
    const undo: (() => unknown)[] = [];
    const ranges: (string | undefined)[] = [];
    let device: SimulatedDevice;
    let jobs: ScriptedJobs;
    let library: string;

    before(async function () {
      this.timeout(BUILD_MS);
      if (sdk === undefined || mosquittoProgram === undefined) return this.skip();
      const authority = await issueAuthority("test authority");
      const ca = authority.certificatePem;
      const server = await issueServer(authority, { dns: ["localhost"], ip: ["127.0.0.1"] });
      const [board, operator] = [await issueDevice(authority), await issueDevice(authority)];
      // The device's TLS wants the issuer behind the leaf.
      const cert = `${server.certificatePem}\n${ca}`;
      device = new SimulatedDevice(sdk);
      undo.push(() => device.remove());
      const dir = mkdtempSync(join(tmpdir(), "moddable-mosquitto-"));
      undo.push(() => rmSync(dir, { recursive: true, force: true }));
      const broker = await startMosquitto({ dir, ca, cert, key: server.privateKeyPem });
      undo.push(() => broker.stop());
      const content = image("1.0.2", 180_000);
      const files = await serveRanges(cert, server.privateKeyPem, content, ranges);
      undo.push(() => new Promise((resolve) => files.close(resolve)));
      jobs = await ScriptedJobs.start({
        url: `mqtts://localhost:${broker.port}`,
        tls: { ca, cert: operator.certificatePem, key: operator.privateKeyPem },
        thingName: THING,
        jobId: "job-1",
        document: {
          operation: "app_fw_update",
          fwversion: "1.0.2",
          size: content.length,
          "sig-sha256-ecdsa": simulatedSignature(content),
          location: { protocol: "https:", host: `localhost:${(files.address() as AddressInfo).port}`, path: "new.bin" },
        },
      });
      undo.push(() => jobs.stop());
      library = await build.build({
        thingName: THING,
        endpoint: "localhost",
        port: broker.port,
        certificatePem: board.certificatePem,
        keyPem: board.privateKeyPem,
        rootPem: ca,
        state: device.state,
      });
    });

    after(async () => {
      for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
    });

    it("takes a whole update and reports SUCCEEDED", async () => {
      const old = await device.boot(library);
      await old.seen(/aws-fota: 1\.0\.1 runs in ota_0 \(VALID\)/);
      await old.restarted();
      const first = await device.boot(library);
      await first.seen(/1\.0\.2 runs in ota_1 \(PENDING_VERIFY\), first start, on trial/);
      await first.seen(/reporting -> idle/);
      assert.equal(jobs.status, "SUCCEEDED");
      assert.deepEqual(
        jobs.updates.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]),
        ["IN_PROGRESS", "SUCCEEDED"],
      );
      assert.deepEqual(ranges, ["bytes=0-"]);
    });
  });
});
