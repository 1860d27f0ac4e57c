/** What `xsc` makes of the library's and the sample's modules in the ESP32 build. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expectationsOf, PROJECT, SAMPLE } from "../esp32/checked-build.js";
import { bytecodeFile, generateBuild, linkBuild } from "../esp32/device-build.js";
import { isOurs } from "../esp32/findings.js";
import type { Toolchain } from "../esp32/toolchain.js";
import type { Rows } from "./page.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export const BYTECODE_HEADER = ["folder", "modules", "debug", "release"] as const;

/** By specifier: bytes of a debug build, bytes of a release build. */
export async function bytecodeOfModules(toolchain: Toolchain): Promise<Map<string, readonly [number, number]>> {
  const expected = expectationsOf(PROJECT, SAMPLE);
  const sizes = new Map<string, readonly [number, number]>();
  for (const release of [false, true]) {
    const build = await generateBuild({
      toolchain,
      manifest: join(ROOT, "manifest.json"),
      platform: "esp32",
      output: join(ROOT, "build", "footprint"),
      release,
    });
    const { linked, log } = await linkBuild(build);
    if (!linked) throw new Error(log);
    for (const module of build.modules.values()) {
      if (!isOurs(module, expected)) continue;
      const { size } = statSync(bytecodeFile(build, module.specifier));
      const [debug, other] = sizes.get(module.specifier) ?? [0, 0];
      sizes.set(module.specifier, release ? [debug, size] : [size, other]);
    }
  }
  return sizes;
}

/** Sums of the folders, modules of the sample as `src`, and `all`. */
export function bytecodeByFolder(modules: ReadonlyMap<string, readonly [number, number]>): Rows {
  const folders = new Map<string, [number, number, number]>();
  const add = (folder: string, [debug, release]: readonly [number, number]): void => {
    const [n, d, r] = folders.get(folder) ?? [0, 0, 0];
    folders.set(folder, [n + 1, d + debug, r + release]);
  };
  const sorted = [...modules].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [specifier, size] of sorted)
    add(specifier.includes("/") ? specifier.slice(0, specifier.indexOf("/")) : "src", size);
  for (const [, size] of sorted) add("all", size);
  return folders;
}
