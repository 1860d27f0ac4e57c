import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatedDevice } from "./application/simulated-device.js";
import { checkBuild } from "./esp32/checked-build.js";
import { findToolchain } from "./esp32/toolchain.js";
import { CloudOperator } from "./outside/cloud-operator.js";
import { type ApplicationFiles, exampleFiles, OutsideApplication, ROOT } from "./outside/outside-application.js";
import { readmeFiles } from "./outside/readme-application.js";
import { SharedConnection } from "./outside/shared-connection.js";
import { findSdk, type ModdableSdk } from "./sdk.js";

const MINUTE = 60_000;
/** The first build compiles everything, TypeScript included. */
const BUILD_MS = 15 * MINUTE;
const SELF_TEST_MS = 20_000;
const SIZE = 100_000;

describe("applications outside the repository, on the SDK's own classes (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(BUILD_MS);
  let sdk: ModdableSdk;
  let operator: CloudOperator;
  let application: OutsideApplication;
  let device: SimulatedDevice;

  before(async function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    sdk = found.sdk;
    operator = await CloudOperator.open();
    application = new OutsideApplication(sdk);
    device = new SimulatedDevice(sdk);
  });

  after(async () => {
    await device?.remove();
    await operator?.close();
    application?.remove();
  });

  /** Builds the application for a thing of that name, on an empty chip. */
  async function build(
    thingName: string,
    files: ApplicationFiles,
    { config = {}, creation }: { config?: object; creation?: object } = {},
  ): Promise<string> {
    device.erase();
    application.write(files);
    const { state } = device;
    return await application.build({
      ...(await operator.device(thingName)),
      state,
      config: { selfTestTimeoutMs: SELF_TEST_MS, ...config },
      ...(creation && { creation }),
    });
  }

  /** From the first start to SUCCEEDED; returns the traces of both boots. */
  async function takesWholeUpdate(thingName: string, library: string): Promise<string> {
    const old = await device.boot(library);
    await old.seen(/aws-fota: \S+ runs in ota_0 \(VALID\)/);
    await old.seen(/mqtt: connected/);
    const jobId = await operator.publish(thingName, "1.0.2", SIZE);
    await old.restarted();
    const first = await device.boot(library);
    await first.seen(/aws-fota: 1\.0\.2 runs in ota_1 \(PENDING_VERIFY\), first start, on trial/);
    await first.seen(/reporting -> idle/);
    const { to } = await operator.becomes(thingName, jobId, "SUCCEEDED");
    assert.equal(to, "1.0.2");
    return `${old.text}\n${first.text}`;
  }

  it("take a whole update as the README prints one", async () => {
    const files = readmeFiles(operator.cloud.mqtt);
    const library = await build("my-board", { ...files, ...(await identity("my-board")) });
    const text = await takesWholeUpdate("my-board", library);
    assert.match(text, /^mqtt: connected$/m, "its log ends its lines");
  });

  it("take one as the smallest example, in JavaScript", async () => {
    await takesWholeUpdate("small-1", await build("small-1", exampleFiles("smallest")));
  });

  it("say in one line that they have too little memory, and stay alive while a job waits", async () => {
    // The SDK's own default: a TLS handshake ends the virtual machine in it.
    const library = await build("short-1", exampleFiles("smallest"), { creation: { stack: 384 } });
    const jobId = await operator.publish("short-1", "1.0.2", SIZE);
    const boot = await device.boot(library);
    await boot.seen(/^aws-fota: memory-short: "creation" in the application's manifest: stack 384, at least \d+$/);
    await boot.seen(/^mqtt: .*next attempt in/);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await boot.cut();
    assert.doesNotMatch(boot.text, /XS abort|deciding/);
    assert.equal(operator.execution("short-1", jobId).status, "QUEUED");
  });

  it("take one with telemetry on the shared connection, sending and hearing meanwhile", async () => {
    const thing = "lamp-1";
    const library = await build(thing, exampleFiles("telemetry"), { config: { telemetryMs: 250 } });
    const shared = await SharedConnection.open(operator.cloud, thing);
    try {
      const text = await takesWholeUpdate(thing, library);
      assert.match(text, /^lamp: on$/m);
      assert.doesNotMatch(text, /telemetry: |memory full/);
    } finally {
      await shared.close();
    }
    const states = shared.states.map(({ update }) => update);
    for (const state of ["idle", "downloading"]) assert.ok(states.includes(state), `${state} in ${states}`);
  });

  it("take one by rules of their own: later while busy, and only with a self-test that passes", async () => {
    const thing = "oven-1";
    const library = await build(thing, exampleFiles("own-rules"), { config: { bakingMs: 6_000 } });
    const text = await takesWholeUpdate(thing, library);
    assert.match(text, /^oven: 1\.0\.2 is offered to \S+, while baking$/m);
    assert.match(text, /^oven: 1\.0\.2 is offered to \S+, the oven is cold$/m);
    assert.match(text, /self-test: sensor asked/);
    assert.match(text, /^oven: 1\.0\.2 is here to stay$/m);
  });

  it("go back when their own self-test fails, and say why in the job", async () => {
    const thing = "oven-2";
    const good = await build(thing, exampleFiles("own-rules"));
    const old = await device.boot(good);
    await old.seen(/mqtt: connected/);
    const jobId = await operator.publish(thing, "1.0.2", SIZE);
    await old.restarted();
    const { state } = device;
    const broken = await application.build({ ...(await operator.device(thing)), state, config: { sensor: "broken" } });
    await (await device.boot(broken)).restarted();
    const back = await device.boot(broken);
    await back.seen(/^oven: the new firmware was taken back, self-test-failed: the sensor does not answer$/);
    const details = await operator.becomes(thing, jobId, "FAILED");
    assert.deepEqual([details.code, details.selfTest], ["self-test-failed", "sensor asked"]);
  });

  for (const name of ["smallest", "telemetry", "own-rules"])
    it(`have nothing against them on boards, as far as that goes without a compiler for the ESP32: ${name}`, async function () {
      const search = findToolchain();
      if (!search.found) return this.skip();
      application.write(exampleFiles(name));
      const manifest = join(application.folder, "manifest.json");
      const output = mkdtempSync(join(tmpdir(), "example-"));
      try {
        for (const platform of ["esp32", "esp32/esp32c3"]) {
          const options = { toolchain: search.toolchain, manifest, platform, output, release: false, link: false };
          const { findings, settings } = await checkBuild(options);
          assert.deepEqual([findings, settings.version], [[], "1.0.1"], platform);
        }
      } finally {
        rmSync(output, { recursive: true });
      }
    });

  /** What the README's application has as resources of its own. */
  async function identity(thingName: string): Promise<ApplicationFiles> {
    const { certificateDer, privateKeyDer } = await operator.cloud.createDevice(thingName);
    return {
      "device-certificate.der": readFileSync(certificateDer),
      "device-key.der": readFileSync(privateKeyDer),
    };
  }
});

describe("examples", () => {
  for (const name of ["smallest", "telemetry", "own-rules"])
    it(`have a page with the lines that make a copy lead to the submodule: ${name}`, () => {
      const page = readFileSync(join(ROOT, "examples", name, "README.md"), "utf8");
      const [copy = "", lead = ""] = /```sh\n(cp .*)\n(sed .*)\n/.exec(page)?.slice(1) ?? [];
      const folder = mkdtempSync(join(tmpdir(), "example-"));
      try {
        symlinkSync(ROOT, join(folder, "moddable-aws-fota"));
        execFileSync("sh", ["-ec", `${copy}\n${lead}`], { cwd: folder });
        for (const [file, content] of Object.entries(exampleFiles(name)))
          if (!file.startsWith("keys/")) assert.equal(readFileSync(join(folder, file), "utf8"), content, file);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
});
