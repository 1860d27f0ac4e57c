import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../host-sim/board/random.js";
import { findSdk, type ModdableSdk } from "./sdk.js";
import { buildApp, removeBuild, runApp } from "./simulator.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MINUTE = 60_000;
const CUTS = 12;
const PROGRAM = `
import { openStore } from "device-ports/open-store";
import Timer from "timer";

const store = openStore("contract", "record");
let count = Number(JSON.parse(store.read() ?? '{"count":0}').count);
Timer.repeat(() => {
  for (let turn = 0; turn < 50; turn += 1) store.write(JSON.stringify({ count: ++count, filler: "x".repeat(3000) }));
  trace(\`written \${count}\\n\`);
}, 1);
`;

describe("the record in Moddable's simulator (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(10 * MINUTE);
  let sdk: ModdableSdk;
  const folder = join(ROOT, "build", "moddable", `record-file-${process.pid}`);
  const state = mkdtempSync(join(tmpdir(), "record-file-"));

  before(function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    sdk = found.sdk;
    mkdirSync(folder, { recursive: true });
  });

  after(() => {
    if (sdk !== undefined) removeBuild(sdk, folder);
    for (const path of [folder, state]) rmSync(path, { recursive: true, force: true });
  });

  it(`is the last one or the one before, whenever the simulator is ended (${CUTS} times)`, async () => {
    writeFileSync(join(folder, "main.js"), PROGRAM);
    const manifest = {
      include: ["$(MODDABLE)/examples/manifest_base.json", `${ROOT}modules/device-ports/manifest.json`],
      modules: { main: "./main" },
      config: { file: { root: `${state}/` } },
    };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    const library = await buildApp({ sdk, folder });
    const path = join(state, "contract.record.txt");
    const random = seededRandom(1);
    let written = 0;
    for (let cut = 0; cut < CUTS; cut += 1) {
      let told = (): void => {};
      const first = new Promise<void>((resolve) => (told = resolve));
      const run = await runApp({
        sdk,
        library,
        onTrace: (line) => {
          written = Number(/^written (\d+)/.exec(line)?.[1] ?? written);
          if (line.startsWith("written")) told();
        },
      });
      await Promise.race([first, run.exit]);
      await new Promise((resolve) => setTimeout(resolve, random() * 40));
      run.stop();
      assert.equal((await run.exit).cause, "stopped");
      assert.ok(existsSync(path), `cut ${cut}: the record is gone`);
      const { count, filler } = JSON.parse(readFileSync(path, "utf8"));
      assert.ok(count >= written && filler.length === 3000, `cut ${cut}: ${count}, after ${written} was told`);
    }
  });
});
