import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tlsModules } from "./esp32/checked-build.js";
import { readModules } from "./esp32/device-build.js";
import { displacedFindings } from "./esp32/findings.js";
import { findSdk, type ModdableSdk } from "./sdk.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BASE = "$(MODDABLE)/examples/manifest_base.json";
const STRICT = join(ROOT, "modules/strict-tls/manifest.json");
const PORTS = join(ROOT, "modules/device-ports/manifest.json");
const FIRMWARE = join(ROOT, "modules/aws-fota/manifest.json");
const HTTPS = "$(MODDABLE)/examples/io/tcp/httpsclient/manifest_httpsclient.json";
const MQTTS = "$(MODDABLE)/examples/io/tcp/mqttsclient/manifest_mqttsclient.json";
const TLS = "$(MODDABLE)/modules/crypt/tls_419.json";
const OLD_TLS = "$(MODDABLE)/modules/crypt/tls.json";

/**
 * Manifests of an application, in the order in which it includes them. The SDK's base comes first: the others need its
 * variables.
 */
const ORDERS: readonly (readonly [title: string, ...includes: string[]])[] = [
  ["first", BASE, STRICT, HTTPS, MQTTS],
  ["last", BASE, HTTPS, MQTTS, TLS, STRICT],
  ["between the SDK's", BASE, MQTTS, STRICT, HTTPS],
  ["by way of device-ports, after the SDK's", BASE, TLS, HTTPS, FIRMWARE, PORTS],
  ["by way of device-ports, before the SDK's", BASE, PORTS, FIRMWARE, HTTPS, MQTTS],
  ["beside the SDK's older TLS", BASE, OLD_TLS, HTTPS, STRICT],
  ["before the SDK's older TLS", BASE, STRICT, HTTPS, OLD_TLS],
];

describe("strict TLS in a build (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", () => {
  let sdk: ModdableSdk;
  let folder: string;

  before(function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    sdk = found.sdk;
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tls-in-place-"));
  });

  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** The makefile that `mcconfig` writes for an application with this manifest; nothing is compiled. */
  function makefileOf(manifest: object): string {
    const application = join(folder, "application");
    mkdirSync(application);
    writeFileSync(join(application, "manifest.json"), JSON.stringify(manifest));
    for (const name of ["main.js", "other.js"]) writeFileSync(join(application, name), "");
    const { status, stdout, stderr } = spawnSync("mcconfig", ["-d", "-p", "lin", "-o", folder], {
      cwd: application,
      env: sdk.environment,
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
    return readFileSync(join(folder, "tmp/lin/mc/debug/application/makefile"), "utf8");
  }

  function findings(manifest: object) {
    const makefile = makefileOf(manifest);
    const modules = readModules(makefile, join(folder, "tmp/lin/mc/debug/application"));
    return { modules, found: displacedFindings({ makefile, modules }, { mapped: tlsModules() }) };
  }

  const application = (include: readonly string[], more: object = {}) => ({
    include,
    modules: { "*": "./main", ...more },
  });

  it("is about all the modules that it replaces", () => {
    assert.deepEqual(
      [...tlsModules().keys()],
      ["ssl/cert", "ssl/changecipher", "ssl/ciphersuites", "ssl/handshake", "ssl/session", "ssl/strict"],
    );
  });

  for (const [title, ...includes] of ORDERS)
    it(`stands in the place of the SDK's modules when it is included ${title}`, () => {
      const { modules, found } = findings(application(includes));
      assert.deepEqual(found, []);
      const sdkFiles = [...modules.values()].filter(({ source }) => /crypt\/ssl\/(ssl_|session_)/.test(source));
      const named = (specifier: string) => sdkFiles.find((module) => module.specifier === specifier)?.source ?? "";
      assert.match(named("20"), /ssl_changecipher\.js$/);
      assert.match(named("22"), /ssl_handshake\.js$/);
      assert.match(named("419"), /session_419\.js$/);
      assert.ok(!sdkFiles.some(({ source }) => /ssl_(cert|ciphersuites)\.js$|session_original/.test(source)));
    });

  it("is found to be displaced when an application maps one of the names itself", () => {
    const { found } = findings(application([BASE, STRICT, HTTPS], { "ssl/cert": "./other" }));
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.match(found[0]?.text ?? "", /^ssl\/cert is 2 files/);
  });

  it("is found to be missing when an application leaves it out", () => {
    const { found } = findings(application([BASE, HTTPS]));
    assert.deepEqual(
      found.map(({ kind }) => kind),
      Array.from({ length: 6 }, () => "displaced"),
    );
  });
});
