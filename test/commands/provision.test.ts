import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { provision } from "fota-operator/provision";
import { runProvision } from "../../host-sim/commands/provision.js";
import { UMASKS, withUmask } from "../support/modes.js";
import { ecKeys, rsaCredentials, type TestCredentials } from "../support/test-credentials.js";

const openssl = spawnSync("openssl", ["version"]).status === 0;
const mcconfig = process.env.MODDABLE !== undefined && spawnSync("mcconfig", ["-v"]).error === undefined;

let device: TestCredentials;
let folder = "";
const said: { out: string[]; error: string[] } = { out: [], error: [] };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function run(changes: Record<string, string | undefined> = {}): Promise<number> {
  const options: Record<string, string | undefined> = {
    thing: "board-1",
    out: join(folder, "device"),
    cert: file("cert.pem", device.certificate),
    key: file("key.pem", device.pkcs1),
    endpoint: "h-ats.iot.eu-west-1.amazonaws.com",
    ...changes,
  };
  const argv = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return runProvision(argv, { out: (text) => said.out.push(text), err: (text) => said.error.push(text) });
}

async function refuses(changes: Record<string, string | undefined>, message: RegExp): Promise<void> {
  assert.equal(await run(changes), 2);
  assert.deepEqual(said.out, []);
  assert.equal(said.error.length, 1);
  assert.match(said.error[0] ?? "", /^provision: [^\n]+$/);
  assert.match(said.error[0] ?? "", message);
}

describe("npm run provision", () => {
  before(async () => {
    device = await rsaCredentials();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "provision-"));
    said.out = [];
    said.error = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("writes the files, prints the mcconfig line and exits 0", async () => {
    assert.equal(await run({ port: "443", ca: file("ca.pem", device.certificate) }), 0);
    assert.deepEqual(readdirSync(join(folder, "device")).sort(), [
      "device-certificate.der",
      "device-key.der",
      "manifest.json",
      "root-ca.der",
    ]);
    assert.equal(said.out.length, 1);
    assert.match(said.out[0] ?? "", /^mcconfig -d -m -p esp32 \S+\/device\/manifest\.json ssid=/);
    assert.deepEqual(said.error, []);
  });

  it("includes the manifest of another application", async () => {
    const manifest = file("manifest.json", "{}");
    assert.equal(await run({ manifest }), 0);
    const written = JSON.parse(readFileSync(join(folder, "device", "manifest.json"), "utf8"));
    assert.deepEqual(written.include, ["../manifest.json"]);
  });

  it("refuses a manifest that is not there, and one that it would overwrite", async () => {
    await refuses({ manifest: join(folder, "absent.json") }, /absent\.json is not a file/);
    said.error = [];
    await refuses({ manifest: join(folder, "device", "manifest.json") }, /is the file to be written/);
  });

  it("includes the firmware's manifest by a path that leads to it", async () => {
    await run();
    const { include } = JSON.parse(readFileSync(join(folder, "device/manifest.json"), "utf8"));
    const target = resolve(join(folder, "device"), include[0]);
    assert.equal(target, resolve("manifest.json"));
  });

  for (const umask of UMASKS) {
    const mask = `0${umask.toString(8).padStart(2, "0")}`;
    it(`lets only the owner read the key with umask ${mask}, also in a folder that was open`, async function () {
      if (process.platform === "win32") this.skip();
      await withUmask(umask, () => run());
      for (const path of ["device", "device/device-key.der"]) chmodSync(join(folder, path), 0o755);
      await withUmask(umask, () => run());
      assert.equal(statSync(join(folder, "device/device-key.der")).mode & 0o777, 0o600);
      assert.equal(statSync(join(folder, "device")).mode & 0o777, 0o700);
    });
  }

  it("can be repeated, and removes a root that is no longer wanted", async () => {
    await run({ ca: file("ca.pem", device.certificate) });
    assert.equal(await run({ thing: "board-2" }), 0);
    assert.equal(existsSync(join(folder, "device/root-ca.der")), false);
    assert.match(readFileSync(join(folder, "device/manifest.json"), "utf8"), /board-2/);
  });

  it("makes DER that openssl reads (needs openssl)", async function () {
    if (!openssl) this.skip();
    await run();
    const text = (args: string[]) => {
      const { status, stdout, stderr } = spawnSync("openssl", args, { cwd: join(folder, "device"), encoding: "utf8" });
      assert.equal(status, 0, stderr);
      return stdout;
    };
    const certificate = ["x509", "-inform", "DER", "-in", "device-certificate.der", "-noout"];
    const key = ["rsa", "-inform", "DER", "-in", "device-key.der", "-noout"];
    assert.equal(text([...certificate, "-modulus"]), text([...key, "-modulus"]));
    assert.match(text([...certificate, "-subject"]), /AWS IoT Certificate/);
    // PKCS#8 is a sequence that begins with version 0 and the rsaEncryption identifier, PKCS#1 is not.
    assert.match(text(["asn1parse", "-inform", "DER", "-in", "device-key.der"]), /rsaEncryption/);
  });

  it("makes a manifest that mcconfig takes (needs the Moddable SDK)", function () {
    if (!mcconfig) this.skip();
    writeFileSync(join(folder, "main.js"), "");
    const plain = {
      include: ["$(MODDABLE)/examples/manifest_base.json"],
      modules: { "*": "./main" },
      config: { endpoint: "" },
    };
    file("manifest.json", JSON.stringify(plain));
    const out = join(folder, "build", "board");
    mkdirSync(out, { recursive: true });
    const { files } = provision({
      ...{ thingName: "board-1", endpoint: "h-ats.iot.eu-west-1.amazonaws.com", out, project: folder },
      ...{ certificatePem: device.certificate, keyPem: device.pkcs8 },
    });
    for (const { name, bytes } of files) writeFileSync(join(out, name), bytes);
    const made = join(folder, "made");
    mkdirSync(made);
    const { status, stdout } = spawnSync("mcconfig", ["-d", "-p", "lin", "-o", made, "./build/board/manifest.json"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout);
    const generated = join(made, "tmp/lin/mc/debug/board");
    assert.match(
      readFileSync(join(generated, "mc.config.js"), "utf8"),
      /"endpoint": "h-ats\.iot\.eu-west-1\.amazonaws\.com"/,
    );
    assert.match(readFileSync(join(generated, "makefile"), "utf8"), /device-key\.der: /);
  });

  describe("exits 2 with one line and writes nothing", () => {
    for (const name of ["thing", "out", "cert", "key", "endpoint"]) {
      it(`without --${name}`, () => refuses({ [name]: undefined }, new RegExp(`--${name} is missing`)));
    }

    it("for an unknown option", () => refuses({ colour: "red" }, /colour/));

    for (const port of ["0", "65536", "mqtt", "1.5", ""]) {
      it(`for port ${JSON.stringify(port)}`, async () => {
        await refuses({ port }, /--port/);
        assert.equal(existsSync(join(folder, "device")), false);
      });
    }

    it("for a file that is not there", async () => {
      await refuses({ cert: join(folder, "none.pem") }, /cannot be read: ENOENT/);
      assert.equal(existsSync(join(folder, "device")), false);
    });

    it("for a folder instead of a file", () => refuses({ key: folder }, /cannot be read: EISDIR/));

    it("for a file of any size", () => refuses({ key: file("large", "x".repeat(200_000)) }, /too large/));

    it("for an EC key, and keeps what an earlier run wrote", async () => {
      await run();
      const before = readFileSync(join(folder, "device/device-key.der"));
      said.out = [];
      await refuses({ key: file("ec.pem", ecKeys().sec1) }, /EC key/);
      assert.deepEqual(readFileSync(join(folder, "device/device-key.der")), before);
    });

    it("for a folder with another manifest, which stays", async () => {
      mkdirSync(join(folder, "device"));
      writeFileSync(join(folder, "device/manifest.json"), "{}");
      await refuses({}, /already has a manifest\.json/);
      assert.deepEqual(readdirSync(join(folder, "device")), ["manifest.json"]);
    });

    it("for the project's own folder", () => refuses({ out: "." }, /already has a manifest\.json/));

    it("when the folder is a file", () => refuses({ out: file("plain", "") }, /is not a folder/));

    it("for a platform that could be more than a word", () => refuses({ platform: "lin; rm -rf" }, /--platform/));
  });
});
