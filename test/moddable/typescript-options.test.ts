import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generate, LIBRARY } from "./outside/generated-build.js";
import { ROOT } from "./outside/outside-application.js";
import { findSdk, type ModdableSdk } from "./sdk.js";

const MINUTE = 60_000;

/** What an application may ask of its own code; mcconfig asks the same of all code then. */
const STRICTEST = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
};

describe("the TypeScript options of an application (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(5 * MINUTE);
  let sdk: ModdableSdk;
  let folder: string;

  before(function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    sdk = found.sdk;
    folder = mkdtempSync(join(tmpdir(), "moddable-typescript-"));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  for (const platform of ["lin", "esp32"])
    it(`may be the strictest: library, sample and examples have no error under them, with the SDK's own typings, on ${platform}`, function () {
      if (platform === "esp32" && process.env.IDF_PATH === undefined) return this.skip();
      const application = {
        include: [...LIBRARY, join(ROOT, "src", platform === "lin" ? "sim" : platform, "manifest.json")],
        modules: {
          "device-config": join(ROOT, "src/device-config"),
          settings: join(ROOT, "src/settings"),
          // What the examples add under names of their own.
          "example-telemetry": join(ROOT, "examples/telemetry/main"),
          telemetry: join(ROOT, "examples/telemetry/telemetry"),
          "example-own-rules": join(ROOT, "examples/own-rules/main"),
          oven: join(ROOT, "examples/own-rules/oven"),
        },
        typescript: { tsconfig: { compilerOptions: STRICTEST } },
      };
      const base = generate(application, { sdk, folder, platform })("tsconfig-base.json");
      const { compilerOptions }: { compilerOptions: { paths: Record<string, string[]> } } = JSON.parse(
        readFileSync(base, "utf8"),
      );
      const files = Object.values(compilerOptions.paths)
        .flat()
        .filter((path) => ["modules", "src", "examples"].some((part) => path.startsWith(join(ROOT, part))))
        .map((path) => `${path}.ts`);
      assert.ok(files.length > 100, `${files.length} files`);
      const probe = join(dirname(base), "probe.json");
      writeFileSync(probe, JSON.stringify({ extends: "./tsconfig-base.json", files, include: [] }));
      const { stdout } = spawnSync("tsc", ["-p", probe, "--noEmit"], { env: sdk.environment, encoding: "utf8" });
      assert.equal(stdout, "");
    });
});
