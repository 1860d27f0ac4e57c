/**
 * `npm run check:esp32`: the device build as far as the SDK goes without a compiler for the ESP32. Generates it for a
 * plain ESP32 and for boards of the SDK, takes two of them through TypeScript, `xsc` and `xsl`, and reports what would
 * break on the device.
 *
 * Exit code: 0 nothing found, 1 something found, 2 the SDK's tools are missing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { generateBuild, linkBuild } from "./esp32/device-build.js";
import { type Expectations, type Finding, linkFindings, preloadFindings, settingsFindings } from "./esp32/findings.js";
import { hardeningOf } from "./esp32/hardening.js";
import { findToolchain, type Toolchain } from "./esp32/toolchain.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUTPUT = join(ROOT, "build", "check-esp32");

/** Builds that are linked. A board's manifest sets the virtual machine's memory, pins and modules of its own. */
const LINKED = ["esp32", "esp32/moddable_two"];
/** Builds whose settings are looked at: boards with an sdkconfig of their own, and another chip. */
const GENERATED = ["esp32/esp32c3_cdc", "esp32/esp32s3"];

/** The sample with the protection that the chip has, see docs/security.md. */
const HARDENED = "src/esp32/hardened";

export type CheckedBuild = {
  readonly name: string;
  readonly modules: number;
  /** What of the chip's own protection is on. */
  readonly hardening: readonly string[];
  readonly findings: readonly Finding[];
};

export async function checkEsp32(toolchain: Toolchain, output = OUTPUT): Promise<CheckedBuild[]> {
  const manifest = join(ROOT, "manifest.json");
  const expected = projectExpectations();
  const checked: CheckedBuild[] = [];
  for (const platform of [...LINKED, ...GENERATED]) {
    for (const release of [false, true]) {
      const build = await generateBuild({ toolchain, manifest, platform, output, release });
      const findings = [...settingsFindings(build, expected), ...preloadFindings(build, expected)];
      if (LINKED.includes(platform) && !release) {
        findings.push(...(await linkFindings(build, await linkBuild(build), expected)));
      }
      const name = `${platform} ${release ? "release" : "debug"}`;
      checked.push({ name, modules: build.modules.size, hardening: hardeningOf(build), findings });
    }
  }
  return [...checked, await checkHardened(toolchain, output)];
}

/** The hardened build differs in its settings and its table alone, so that it needs no linking. */
export async function checkHardened(toolchain: Toolchain, output: string): Promise<CheckedBuild> {
  const folder = join(ROOT, HARDENED);
  const manifest = join(folder, "manifest.json");
  const build = await generateBuild({ toolchain, manifest, platform: "esp32", output, release: true });
  const expected = { ...projectExpectations(), partitions: readFileSync(join(folder, "partitions.csv"), "utf8") };
  const findings = [...settingsFindings(build, expected), ...preloadFindings(build, expected)];
  return { name: "esp32 release, hardened", modules: build.modules.size, hardening: hardeningOf(build), findings };
}

/** What `strict-tls` puts in the place of the SDK's modules, by specifier. */
export function tlsModules(): Map<string, string> {
  const folder = join(ROOT, "modules", "strict-tls");
  const { modules }: { modules: Readonly<Record<string, unknown>> } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  return new Map(
    Object.entries(modules).flatMap(([specifier, file]) =>
      specifier.startsWith("ssl/") ? [[specifier, `${join(folder, String(file))}.ts`]] : [],
    ),
  );
}

export function projectExpectations(): Expectations {
  const text = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const { config }: { config?: { version?: unknown } } = JSON.parse(text("src/sim/manifest.json"));
  return {
    ours: [join(ROOT, "modules"), join(ROOT, "src")],
    version: String(config?.version),
    partitions: text("modules/ota-partition/esp32/partitions.csv"),
    nativeFunctions: [...text("modules/ota-partition/esp32/fota-boot-functions.ts").matchAll(/^\s+(fota_\w+)\(/gm)].map(
      ([, name]) => name ?? "",
    ),
    mapped: tlsModules(),
  };
}

async function main(): Promise<number> {
  const search = findToolchain();
  if (!search.found) {
    process.stderr.write(`check:esp32 needs the Moddable SDK's tools and ESP-IDF's sources: ${search.missing}\n`);
    return 2;
  }
  let found = 0;
  for (const { name, modules, hardening, findings } of await checkEsp32(search.toolchain)) {
    const on = hardening.length === 0 ? "no protection of the chip's own" : `on: ${hardening.join(", ")}`;
    process.stdout.write(`${name}: ${modules} modules, ${on}; ${findings.length === 0 ? "nothing found" : "found:"}\n`);
    for (const { kind, text } of findings) process.stdout.write(`  ${kind}: ${text}\n`);
    found += findings.length;
  }
  return found === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = await main();
