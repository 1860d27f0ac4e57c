/** A device build as far as the SDK's own tools take it: generated files, bytecode, linked modules. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import type { BuildSettings } from "../../../tools/settings/build-settings.mjs";
import { settingsOfBuild } from "../../../tools/settings/firmware-settings.mjs";
import { readMakefile } from "../../../tools/settings/manifests.mjs";
import type { Toolchain } from "./toolchain.js";

export type DeviceBuildOptions = {
  readonly toolchain: Toolchain;
  /** The application's `manifest.json`, absolute. */
  readonly manifest: string;
  /** `esp32` or `esp32/<board>`. */
  readonly platform: string;
  /** Everything is written below this folder. */
  readonly output: string;
  /** Default false: a debug build. */
  readonly release?: boolean;
  /** `NAME=VALUE` of the `mcconfig` line. */
  readonly settings?: readonly string[];
};

export type BuildModule = {
  readonly specifier: string;
  /** The file the manifest named. */
  readonly source: string;
  /** The JavaScript that `xsc` compiles: the source itself, or what TypeScript made of it. */
  readonly script: string;
};

export type DeviceBuild = {
  readonly options: DeviceBuildOptions;
  readonly folder: string;
  readonly makefile: string;
  readonly modules: ReadonlyMap<string, BuildModule>;
  readonly preloaded: ReadonlySet<string>;
  /** `-c` of the linker: the virtual machine's memory, as the makefile has it. */
  readonly creation: string;
  /** Manifests of the build, the application's own first. */
  readonly manifests: readonly string[];
  /** `esp32`, `esp32c3` and so on. */
  readonly chip: string;
  /** The make fragment that the build runs; "" for the SDK's own. */
  readonly fragment: string;
  /** What the library's make fragment gives to ESP-IDF, and what is wrong with it. */
  readonly settings: BuildSettings;
  /** The settings' values; "" for what is switched off. */
  readonly sdkconfig: ReadonlyMap<string, string>;
  readonly partitions: string;
  /** C sources compiled into the firmware. */
  readonly nativeSources: readonly string[];
  /** The generated binding of native functions; "" without any. */
  readonly ffi: string;
};

export type LinkResult = {
  /** Compiler, assembler and linker succeeded: `mc.xs.c` is there. */
  readonly linked: boolean;
  readonly log: string;
  /** The linker's warnings, without their mark. */
  readonly warnings: readonly string[];
};

const TIMEOUT_MS = 600_000;

/**
 * Runs `mcconfig` without `-m`: it writes makefile, partition table, sdkconfig and binding, and starts no compiler.
 * @throws Error with the tool's output
 */
export async function generateBuild(options: DeviceBuildOptions): Promise<DeviceBuild> {
  const { toolchain, manifest, platform, output, release = false, settings: line = [] } = options;
  mkdirSync(output, { recursive: true });
  const mode = release ? [] : ["-d"];
  const args = [...mode, "-p", platform, "-o", output, manifest, ...line];
  const result = await run("mcconfig", args, dirname(manifest), toolchain);
  if (result.code !== 0) throw new Error(`mcconfig -p ${platform}: ${failureLines(result.log)}`);
  const folder = buildFolder(options);
  const makefile = readFileSync(join(folder, "makefile"), "utf8");
  const ffi = join(folder, "mc.ffi.c");
  const { variables, manifests } = readMakefile(makefile);
  const { settings } = settingsOfBuild(folder);
  return {
    options,
    folder,
    makefile,
    modules: readModules(makefile, folder),
    preloaded: new Set([...makefile.matchAll(/^\t-p (\S+)\.xsb/gm)].map(([, name]) => specifierOf(name ?? ""))),
    creation: /^CREATION = -c (\S+)/m.exec(makefile)?.[1] ?? "",
    manifests,
    chip: variables.get("ESP32_SUBCLASS") ?? "esp32",
    fragment: realPath(variables.get("MAKE_FRAGMENT") ?? ""),
    settings,
    sdkconfig: new Map([...settings.settings.values()].map(({ name, value }) => [name, plainValue(value)])),
    partitions: settings.partitions,
    nativeSources: [...makefile.matchAll(/^\$\(TMP_DIR\)\/\S+\.c\.o: (\/\S+\.c) /gm)].map(([, path]) => path ?? ""),
    ffi: existsSync(ffi) ? readFileSync(ffi, "utf8") : "",
  };
}

/** Makes `mc.xs.c` and `mc.resources.c` with TypeScript, `xsc`, `mcrez` and `xsl`. */
export async function linkBuild(build: DeviceBuild): Promise<LinkResult> {
  const { folder, options } = build;
  // ESP-IDF would make this header; the two targets depend on it and do not read it.
  const header = join(folder, "sdkconfig.h");
  writeFileSync(header, "");
  const args = [
    "-f",
    join(folder, "makefile"),
    `-j${availableParallelism()}`,
    "-k",
    `SDKCONFIG_H=${header}`,
    "-o",
    header,
  ];
  const targets = [join(folder, "mc.resources.c"), join(folder, "mc.xs.c")];
  const { code, log } = await run("make", [...args, ...targets], folder, options.toolchain);
  return {
    linked: code === 0 && existsSync(join(folder, "mc.xs.c")),
    log,
    warnings: [...log.matchAll(/^### warning: (.*)$/gm)].map(([, text]) => text ?? ""),
  };
}

/** Size of a module's bytecode, after {@link linkBuild}. */
export function bytecodeFile(build: DeviceBuild, specifier: string): string {
  return join(build.folder, "modules", `${specifier.replace(/^(\w+):/, "~.$1/")}.xsb`);
}

function buildFolder({ output, platform, release, manifest }: DeviceBuildOptions): string {
  return join(output, "tmp", ...platform.split("/"), release ? "release" : "debug", basename(dirname(manifest)));
}

/** `~.embedded/io/socket/tcp` is the file of `embedded:io/socket/tcp`. */
function specifierOf(path: string): string {
  return path.replace(/^~\.(\w+)\//, "$1:");
}

/** Specifiers with what they stand for in this build. */
export function readModules(makefile: string, folder: string): Map<string, BuildModule> {
  const sources = new Map<string, string>();
  const expand = (path: string) => path.replaceAll("$(TMP_DIR)", folder);
  for (const [, script, source] of makefile.matchAll(/^(\$\(TMP_DIR\)\/tsc\/\S+\.js) ?: (\S+\.ts) /gm)) {
    sources.set(expand(script ?? ""), source ?? "");
  }
  const modules = new Map<string, BuildModule>();
  for (const [, name, path] of makefile.matchAll(/^\$\(MODULES_DIR\)\/(\S+)\.xsb: (\S+\.js)\b/gm)) {
    const script = expand(path ?? "");
    const specifier = specifierOf(name ?? "");
    modules.set(specifier, { specifier, script, source: sources.get(script) ?? script });
  }
  return modules;
}

const plainValue = (value: string): string => (value === "n" ? "" : value.replace(/^"(.*)"$/, "$1"));

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** The lines of a tool's output that say what went wrong, or its last ones. */
export function failureLines(log: string, count = 15): string {
  const lines = log.trim().split("\n");
  const telling = lines.filter(
    (line) => /error|failure|abort|not found|unresolved|\*\*\*/i.test(line) && !/^# xsc/.test(line),
  );
  return (telling.length > 0 ? telling : lines).slice(-count).join("\n");
}

/** Bounded; what the program starts ends with it. */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  toolchain: Toolchain,
): Promise<{ code: number | null; log: string }> {
  const child = spawn(program, args, {
    cwd,
    env: toolchain.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let log = "";
  child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(timer);
  return { code, log };
}
