/** One application built for one platform, with everything that was found in it. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildSettings } from "../../../tools/settings/build-settings.mjs";
import { type DeviceBuild, generateBuild, linkBuild } from "./device-build.js";
import { type Expectations, type Finding, linkFindings, preloadFindings, settingsFindings } from "./findings.js";
import { hardeningOf } from "./hardening.js";
import type { Toolchain } from "./toolchain.js";

/** This project's folder. */
export const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
/** The sample's manifest. */
export const SAMPLE = join(PROJECT, "manifest.json");
/** The sample with the protection that the chip has, see docs/security.md. */
const HARDENED = join(PROJECT, "src", "esp32", "hardened", "manifest.json");

/** Builds that are linked. A board's manifest sets the virtual machine's memory, pins and modules of its own. */
const LINKED = ["esp32", "esp32/moddable_two"];
/** Builds whose settings are looked at: boards with an sdkconfig of their own, and other chips. */
const GENERATED = ["esp32/esp32c3", "esp32/esp32c3_cdc", "esp32/esp32s3", "esp32/m5stack_fire"];

/** A part of the library by which a build shows that it includes it, and where it lies. */
const LIBRARY_MANIFEST = "modules/ota-partition/esp32/manifest.json";

export type CheckedBuild = {
  readonly name: string;
  /** `esp32`, `esp32c3` and so on. */
  readonly chip: string;
  readonly modules: number;
  readonly settings: BuildSettings;
  /** What of the chip's own protection is on. */
  readonly hardening: readonly string[];
  readonly findings: readonly Finding[];
};

export type CheckOptions = {
  readonly toolchain: Toolchain;
  /** Absolute. */
  readonly manifest: string;
  readonly platform: string;
  readonly output: string;
  readonly release: boolean;
  /** Whether TypeScript, `xsc` and `xsl` are run as well. */
  readonly link: boolean;
};

/** The manifest that a path means: itself, or the one in the folder. `undefined` when there is none. */
export function manifestAt(path: string): string | undefined {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, "manifest.json") : path;
  return existsSync(file) ? realpathSync(resolve(file)) : undefined;
}

/** @throws Error with the tool's output when `mcconfig` makes no build of it */
export async function checkBuild({ link, ...options }: CheckOptions): Promise<CheckedBuild> {
  const build = await generateBuild(options);
  const library = libraryOf(build);
  const name = `${options.platform} ${options.release ? "release" : "debug"}`;
  const { chip, settings } = build;
  const checked = { name, chip, modules: build.modules.size, settings, hardening: hardeningOf(build) };
  if (library === undefined) {
    const text = `no manifest of the build is ${LIBRARY_MANIFEST}: it does not include modules/aws-fota/manifest.json`;
    return { ...checked, findings: [{ kind: "library", text }] };
  }
  const expected = expectationsOf(library, options.manifest);
  const findings = [...settingsFindings(build, expected), ...preloadFindings(build, expected)];
  if (link) findings.push(...(await linkFindings(build, await linkBuild(build), expected)));
  return { ...checked, findings };
}

/** The application as a debug build that is linked, and as a release build. */
export async function checkApplication(
  toolchain: Toolchain,
  { manifest, platform, output }: Pick<CheckOptions, "manifest" | "platform" | "output">,
  onBuild: (checked: CheckedBuild) => void = () => {},
): Promise<CheckedBuild[]> {
  const checked: CheckedBuild[] = [];
  for (const release of [false, true]) {
    const build = await checkBuild({ toolchain, manifest, platform, output, release, link: !release });
    onBuild(build);
    checked.push(build);
  }
  return checked;
}

/** The sample on a choice of boards, and hardened. */
export async function checkEsp32(
  toolchain: Toolchain,
  output: string,
  onBuild: (checked: CheckedBuild) => void = () => {},
): Promise<CheckedBuild[]> {
  const checked: CheckedBuild[] = [];
  const add = (build: CheckedBuild): void => {
    onBuild(build);
    checked.push(build);
  };
  for (const platform of [...LINKED, ...GENERATED]) {
    for (const release of [false, true]) {
      const link = LINKED.includes(platform) && !release;
      add(await checkBuild({ toolchain, manifest: SAMPLE, platform, output, release, link }));
    }
  }
  add(await checkHardened(toolchain, output));
  return checked;
}

/** The hardened build differs in its settings and its table alone, so that it needs no linking. */
export async function checkHardened(toolchain: Toolchain, output: string): Promise<CheckedBuild> {
  const options = { toolchain, manifest: HARDENED, platform: "esp32", output, release: true, link: false };
  return { ...(await checkBuild(options)), name: "esp32 release, hardened" };
}

/** The folder of the library that a build includes; an application may have a copy of its own. */
function libraryOf({ manifests }: DeviceBuild): string | undefined {
  const found = manifests.find((path) => path.endsWith(`/${LIBRARY_MANIFEST}`));
  return found?.slice(0, -LIBRARY_MANIFEST.length);
}

/** What a build of this application must have, wherever the library lies. */
export function expectationsOf(library: string, manifest: string): Expectations {
  const text = (path: string) => readFileSync(join(library, path), "utf8");
  const sample = dirname(manifest) === join(library, ".") || manifest.startsWith(join(library, "src"));
  return {
    ours: [join(library, "modules"), ...(sample ? [join(library, "src")] : [])],
    fragment: realpathSync(join(library, "tools", "settings", "make.esp32.mk")),
    nativeFunctions: [...text("modules/ota-partition/esp32/fota-boot-functions.ts").matchAll(/^\s+(fota_\w+)\(/gm)].map(
      ([, name]) => name ?? "",
    ),
    mapped: tlsModules(library),
  };
}

/** What `strict-tls` puts in the place of the SDK's modules, by specifier. */
export function tlsModules(library: string = PROJECT): Map<string, string> {
  const folder = join(library, "modules", "strict-tls");
  const { modules }: { modules: Readonly<Record<string, unknown>> } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  return new Map(
    Object.entries(modules).flatMap(([specifier, file]) =>
      specifier.startsWith("ssl/") ? [[specifier, `${join(folder, String(file))}.ts`]] : [],
    ),
  );
}
