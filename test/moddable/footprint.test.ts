import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findToolchain } from "./esp32/toolchain.js";
import { bytecodeByFolder, bytecodeOfModules } from "./footprint/bytecode.js";
import { memoryByPhase } from "./footprint/memory-table.js";
import { outdated, type Rows, tableBelow } from "./footprint/page.js";
import { DEVICE_BUDGET, type Memory } from "./memory/budget.js";
import { MemoryBench } from "./memory/measured-update.js";
import { findSdk } from "./sdk.js";

const MINUTE = 60_000;
const CLI = fileURLToPath(new URL("../../host-sim/cli.ts", import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const budgetRow = ({ chunks, slots, stack }: Memory) => [chunks, slots, stack, chunks + 16 * (slots + stack)];

/** One update with an image of 1,000,000 bytes on the simulated board. */
function boardFigures(): Rows {
  const { stdout, status } = spawnSync(process.execPath, ["--import", LOADER, CLI, "start", "--json"], {
    encoding: "utf8",
    timeout: 2 * MINUTE,
  });
  assert.equal(status, 0);
  const result: { [name: string]: number } & { statusDetails: { stores: string } } = JSON.parse(
    stdout.trim().split("\n").at(-1) ?? "",
  );
  const numbers = (...names: string[]) => names.map((name) => Number(result[name]));
  return new Map([
    ["flash writes", numbers("flashWrites")],
    ["erases of 64 KiB", numbers("blocksErased")],
    ["erases of 4 KiB (otadata)", numbers("sectorsErased")],
    ["writes to NVS in all", numbers("recordStores")],
    ["of these for the update's record", [Number(result.statusDetails.stores)]],
    ["HTTP requests", numbers("httpRequests")],
    ["bytes of their bodies", numbers("httpBodyBytes")],
    ["TLS handshakes", numbers("tlsHandshakes")],
    ["MQTT messages published by the device", numbers("mqttPublishes")],
  ]);
}

describe("docs/footprint.md", () => {
  it("has the memory that the manifest asks for", () => {
    const said = tableBelow("What is asked for");
    assert.deepEqual([...said], [["manifest.json", budgetRow(DEVICE_BUDGET)]]);
  });

  it("has the flash, NVS and messages of an update, within 5 %", () => {
    assert.deepEqual(outdated(tableBelow("Flash, NVS and messages"), boardFigures()), []);
  }).timeout(3 * MINUTE);
});

describe("docs/footprint.md, measured on the SDK (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", function () {
  this.timeout(15 * MINUTE);

  it("has the memory of each phase, within 5 %", async function () {
    const found = findSdk();
    if (!found.available) return this.skip();
    const bench = await MemoryBench.open(found.sdk);
    try {
      assert.deepEqual(outdated(tableBelow("Memory"), await memoryByPhase(bench)), []);
    } finally {
      await bench.close();
    }
  });

  it("has the bytecode of each folder, within 5 %", async function () {
    const search = findToolchain();
    if (!search.found) return this.skip();
    const measured = bytecodeByFolder(await bytecodeOfModules(search.toolchain));
    assert.deepEqual(outdated(tableBelow("Bytecode"), measured), []);
  });
});
