import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { memoryShortage } from "../../modules/aws-fota/memory-need.js";
import type { MachineMemory } from "../../modules/foundation/machine-memory.js";
import { ROOT } from "./outside/outside-application.js";
import { findSdk, type ModdableSdk } from "./sdk.js";

const MINUTE = 60_000;
const BASE = "$(MODDABLE)/examples/manifest_base.json";
const LIBRARY = [join(ROOT, "modules/aws-fota/manifest.json"), join(ROOT, "modules/device-ports/manifest.json")];

type Application = { readonly include: readonly string[]; readonly creation?: object; readonly platforms?: object };

const { creation: OURS }: { creation: MachineMemory } = JSON.parse(
  readFileSync(join(ROOT, "modules/aws-fota/manifest.json"), "utf8"),
);

/** What the build gives the virtual machine, as the line `CREATION` of its makefile has it. */
function parsed(line: string): MachineMemory {
  const values = line
    .replace(/^CREATION = -c /, "")
    .split(",")
    .map(Number);
  const at = (index: number) => values[index] ?? Number.NaN;
  return {
    chunk: { initial: at(0), incremental: at(1) },
    heap: { initial: at(2), incremental: at(3) },
    stack: at(4),
    static: at(11),
  };
}

describe("the virtual machine's memory in a build (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(5 * MINUTE);
  let sdk: ModdableSdk;
  let folder: string;

  before(function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    sdk = found.sdk;
    folder = mkdtempSync(join(tmpdir(), "moddable-creation-"));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** Only the makefile is made, which takes a second. */
  function memoryOf(application: Application, { platform = "lin", options = ["-d"] } = {}): MachineMemory {
    const out = mkdtempSync(join(folder, "out-"));
    const app = join(out, "app");
    mkdirSync(app);
    writeFileSync(join(app, "main.js"), "");
    writeFileSync(join(app, "manifest.json"), JSON.stringify({ ...application, modules: { main: "./main" } }));
    const args = [...options, "-p", platform, "-o", out, "./manifest.json"];
    const { status, stdout, stderr } = spawnSync("mcconfig", args, {
      cwd: app,
      env: sdk.environment,
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
    const makefile = readdirSync(out, { recursive: true, encoding: "utf8" }).find(
      (path) => basename(path) === "makefile",
    );
    const line = /^CREATION = .*$/m.exec(readFileSync(join(out, makefile ?? "makefile"), "utf8"));
    return parsed(line?.[0] ?? assert.fail("no CREATION"));
  }

  for (const [order, include] of [
    ["alone", LIBRARY],
    ["behind the SDK's manifest", [BASE, ...LIBRARY]],
    ["before it", [...LIBRARY, BASE]],
    ["twice", [...LIBRARY, BASE, ...LIBRARY]],
  ] as const)
    it(`is the library's where an application includes that ${order}`, () => {
      assert.deepEqual(memoryOf({ include }), OURS);
    });

  it("is the library's in a release, too", () => {
    assert.deepEqual(memoryOf({ include: LIBRARY }, { options: [] }), OURS);
  });

  for (const platform of ["esp32", "esp32/esp32c3", "esp32/qtpys2", "esp32/moddable_two"])
    it(`is the library's on ${platform}, whatever the board has by itself`, function () {
      if (process.env.IDF_PATH === undefined) return this.skip();
      assert.deepEqual(memoryOf({ include: [...LIBRARY, BASE] }, { platform }), OURS);
    });

  it("is the application's where that says so, member by member", () => {
    const creation = { stack: 2048, chunk: { initial: 100_000 } };
    const memory = memoryOf({ include: LIBRARY, creation });
    assert.deepEqual(memory, { ...OURS, stack: 2048, chunk: { ...OURS.chunk, initial: 100_000 } });
    assert.equal(memoryShortage(memory), undefined);
  });

  for (const [what, application] of [
    ["for itself", { include: LIBRARY, creation: { stack: 384 } }],
    ["for a platform", { include: LIBRARY, platforms: { lin: { creation: { stack: 384 } } } }],
  ] as const)
    it(`is found too small at the start when an application says less ${what}`, () => {
      assert.match(memoryShortage(memoryOf(application))?.message ?? "", /^memory-short: .*stack 384/);
    });
});
