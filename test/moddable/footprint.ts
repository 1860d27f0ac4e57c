/**
 * The figures of docs/footprint.md, printed as its tables.
 *
 *     node host-sim/bootstrap.mjs test/moddable/footprint.ts bytecode    needs the SDK's tools and IDF_PATH
 *     node host-sim/bootstrap.mjs test/moddable/footprint.ts memory      needs the SDK's simulator
 *     node host-sim/bootstrap.mjs test/moddable/footprint.ts handshake   needs the SDK's simulator
 *
 * Exit code: 0, or 2 when what it needs is missing.
 */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expectationsOf, PROJECT, SAMPLE } from "./esp32/checked-build.js";
import { bytecodeFile, generateBuild, linkBuild } from "./esp32/device-build.js";
import { isOurs } from "./esp32/findings.js";
import { findToolchain } from "./esp32/toolchain.js";
import { measureHandshakes } from "./handshake/handshake-cost.js";
import { DEVICE_BUDGET, LARGE_IMAGE, SMALL_IMAGE } from "./memory/budget.js";
import { MemoryBench } from "./memory/measured-update.js";
import { findSdk } from "./sdk.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const row = (...cells: readonly (string | number)[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);

function missing(what: string): number {
  process.stderr.write(`footprint needs the Moddable SDK: ${what}\n`);
  return 2;
}

async function bytecode(): Promise<number> {
  const search = findToolchain();
  if (!search.found) return missing(search.missing);
  const expected = expectationsOf(PROJECT, SAMPLE);
  const sizes = new Map<string, [debug: number, release: number]>();
  for (const release of [false, true]) {
    const build = await generateBuild({
      toolchain: search.toolchain,
      manifest: join(ROOT, "manifest.json"),
      platform: "esp32",
      output: join(ROOT, "build", "footprint"),
      release,
    });
    const { linked, log } = await linkBuild(build);
    if (!linked) throw new Error(log);
    for (const module of build.modules.values()) {
      if (!isOurs(module, expected)) continue;
      const size = statSync(bytecodeFile(build, module.specifier)).size;
      const [debug, other] = sizes.get(module.specifier) ?? [0, 0];
      sizes.set(module.specifier, release ? [debug, size] : [size, other]);
    }
  }
  const folders = new Map<string, [number, number, number]>();
  row("module", "debug", "release");
  row("---", "--:", "--:");
  for (const [specifier, [debug, release]] of [...sizes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    row(`\`${specifier}\``, debug, release);
    const folder = specifier.includes("/") ? specifier.slice(0, specifier.indexOf("/")) : "src";
    const [d, r, n] = folders.get(folder) ?? [0, 0, 0];
    folders.set(folder, [d + debug, r + release, n + 1]);
  }
  process.stdout.write("\n");
  row("folder", "modules", "debug", "release");
  row("---", "--:", "--:", "--:");
  const all = [0, 0, 0];
  for (const [folder, [debug, release, count]] of folders) {
    row(`\`${basename(folder)}\``, count, debug, release);
    [debug, release, count].forEach((value, index) => {
      all[index] = (all[index] ?? 0) + value;
    });
  }
  row("all", all[2] ?? 0, all[0] ?? 0, all[1] ?? 0);
  return 0;
}

async function memory(): Promise<number> {
  const found = findSdk();
  if (!found.available) return missing(found.reason);
  const bench = await MemoryBench.open(found.sdk);
  try {
    row("memory", "image", "phase", "chunk bytes", "slots", "stack slots");
    row("---", "--:", "---", "--:", "--:", "--:");
    for (const [name, options] of [
      ["in use", { live: true }],
      ["fixed", { memory: DEVICE_BUDGET }],
    ] as const) {
      for (const imageSize of [SMALL_IMAGE, LARGE_IMAGE]) {
        const { phases, peaks } = await bench.update({ imageSize, ...options });
        for (const [phase, { chunks, slots, stack }] of phases) row(name, imageSize, phase, chunks, slots, stack);
        row(name, imageSize, "highest", peaks.chunks, peaks.slots, peaks.stack);
      }
    }
  } finally {
    await bench.close();
  }
  return 0;
}

async function handshake(): Promise<number> {
  const found = findSdk();
  if (!found.available) return missing(found.reason);
  row("peer", "TLS", "ms", "chunk bytes", "slots");
  row("---", "---", "--:", "--:", "--:");
  for (const { label, strict, milliseconds, chunkBytes, slots } of await measureHandshakes(found.sdk))
    row(label, strict ? "strict" : "the SDK's", milliseconds.toFixed(1), chunkBytes, slots);
  return 0;
}

const [what] = process.argv.slice(2);
if (what === "bytecode") process.exitCode = await bytecode();
else if (what === "memory") process.exitCode = await memory();
else if (what === "handshake") process.exitCode = await handshake();
else process.exitCode = missing("say bytecode, memory or handshake");
