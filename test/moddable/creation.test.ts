import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryShortage } from "../../modules/aws-fota/memory-need.js";
import type { MachineMemory } from "../../modules/foundation/machine-memory.js";
import { type GeneratedApplication, generate, LIBRARY } from "./outside/generated-build.js";
import { ROOT } from "./outside/outside-application.js";
import { findSdk, type ModdableSdk } from "./sdk.js";

const MINUTE = 60_000;
const BASE = "$(MODDABLE)/examples/manifest_base.json";
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

  function memoryOf(
    application: GeneratedApplication,
    options: { platform?: string; release?: boolean } = {},
  ): MachineMemory {
    const makefile = readFileSync(generate(application, { sdk, folder, ...options })("makefile"), "utf8");
    return parsed(/^CREATION = .*$/m.exec(makefile)?.[0] ?? assert.fail("no CREATION"));
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
    assert.deepEqual(memoryOf({ include: LIBRARY }, { release: true }), OURS);
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
