/**
 * The figures of docs/footprint.md, printed as its tables.
 *
 *     node host-sim/bootstrap.mjs test/moddable/footprint.ts bytecode    needs the SDK's tools and IDF_PATH
 *     node host-sim/bootstrap.mjs test/moddable/footprint.ts memory      needs the SDK's simulator
 *     node host-sim/bootstrap.mjs test/moddable/footprint.ts handshake   needs the SDK's simulator
 *
 * `bytecode` prints each module as well. Exit code: 0, or 2 when what it needs is missing.
 */
import { findToolchain } from "./esp32/toolchain.js";
import { BYTECODE_HEADER, bytecodeByFolder, bytecodeOfModules } from "./footprint/bytecode.js";
import { MEMORY_HEADER, memoryByPhase } from "./footprint/memory-table.js";
import { type Rows, tableText } from "./footprint/page.js";
import { measureHandshakes } from "./handshake/handshake-cost.js";
import { MemoryBench } from "./memory/measured-update.js";
import { findSdk } from "./sdk.js";

const print = (header: readonly string[], rows: Rows) => process.stdout.write(`${tableText(header, rows)}\n\n`);

function missing(what: string): number {
  process.stderr.write(`footprint needs the Moddable SDK: ${what}\n`);
  return 2;
}

async function bytecode(): Promise<number> {
  const search = findToolchain();
  if (!search.found) return missing(search.missing);
  const modules = await bytecodeOfModules(search.toolchain);
  print(["module", "debug", "release"], new Map([...modules].sort(([a], [b]) => (a < b ? -1 : 1))));
  print(BYTECODE_HEADER, bytecodeByFolder(modules));
  return 0;
}

async function memory(): Promise<number> {
  const found = findSdk();
  if (!found.available) return missing(found.reason);
  const bench = await MemoryBench.open(found.sdk);
  try {
    print(MEMORY_HEADER, await memoryByPhase(bench));
  } finally {
    await bench.close();
  }
  return 0;
}

async function handshake(): Promise<number> {
  const found = findSdk();
  if (!found.available) return missing(found.reason);
  const costs = await measureHandshakes(found.sdk);
  const rows = costs.map(({ label, strict, milliseconds, chunkBytes, slots }) => {
    const name = `${label}, ${strict ? "strict" : "the SDK's"}`;
    return [name, [Math.round(milliseconds * 10) / 10, chunkBytes, slots]] as const;
  });
  print(["peer, TLS", "ms", "chunk bytes", "slots"], new Map(rows));
  return 0;
}

const [what] = process.argv.slice(2);
if (what === "bytecode") process.exitCode = await bytecode();
else if (what === "memory") process.exitCode = await memory();
else if (what === "handshake") process.exitCode = await handshake();
else process.exitCode = missing("say bytecode, memory or handshake");
