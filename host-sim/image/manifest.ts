import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { ConfigValue } from "./archive.js";

/** What the project's manifests say for one platform, the SDK's own parts left out. */
export interface BuildPlan {
  /** Module specifier to source file. */
  readonly modules: ReadonlyMap<string, string>;
  /** Specifiers evaluated at build time with all they import, in order of appearance. */
  readonly preload: readonly string[];
  readonly config: Readonly<Record<string, ConfigValue>>;
  /** Resource name (`name.ext`) to file. */
  readonly data: ReadonlyMap<string, string>;
  /** Names of native functions. */
  readonly ffi: readonly string[];
  /** Manifest files that were read. */
  readonly manifests: readonly string[];
}

/** A manifest that cannot be built from: one line that says why. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

interface Section {
  readonly include?: unknown;
  readonly modules?: unknown;
  readonly preload?: unknown;
  readonly config?: unknown;
  readonly data?: unknown;
  readonly ffi?: unknown;
  readonly build?: unknown;
}

/** Paths that begin with these are the SDK's: its modules stay imports of the bundle. */
const SDK_PATH = /^\$\((MODDABLE|MODULES|BUILD)\)/;
const SOURCES: readonly string[] = [".ts", ".js"];
const REMOVAL = "~";
/**
 * What the firmware puts in the place of the SDK's TLS, and the SDK's own files under other names: the board does TLS
 * by itself.
 */
const TLS_MODULE = /^(ssl\/.*|strict-tls\/sdk\/.*|\d+)$/;

/**
 * Reads a manifest and what it includes, as `mcconfig -p <platform>` does: each manifest once; of `platforms` exactly
 * one entry, the platform's or `"..."`.
 * @throws ManifestError for a file that is missing or malformed, and for a specifier mapped to two files
 */
export function readManifests(manifest: string, platform: string): BuildPlan {
  const reader = new ManifestReader(platform);
  reader.read(resolve(manifest), new Map());
  return reader;
}

class ManifestReader implements BuildPlan {
  readonly modules = new Map<string, string>();
  readonly preload: string[] = [];
  readonly config: Record<string, ConfigValue> = {};
  readonly data = new Map<string, string>();
  readonly ffi: string[] = [];
  readonly manifests: string[] = [];
  readonly #platform: string;

  constructor(platform: string) {
    this.#platform = platform;
  }

  read(file: string, variables: ReadonlyMap<string, string>): void {
    if (this.manifests.includes(file)) return;
    this.manifests.push(file);
    const manifest = parse(file);
    const names = new Map([...variables, ...variablesOf(manifest.build, dirname(file))]);
    this.#section(manifest, file, names);
    const chosen = this.#choose(manifest.platforms, file);
    if (chosen !== undefined)
      this.#section(chosen, file, new Map([...names, ...variablesOf(chosen.build, dirname(file))]));
  }

  #choose(platforms: unknown, file: string): Section | undefined {
    if (!isRecord(platforms)) return undefined;
    const chosen = platforms[this.#platform] ?? platforms["..."];
    if (!isRecord(chosen)) return undefined;
    if (typeof chosen.error === "string") throw new ManifestError(`${file}: ${chosen.error}`);
    return chosen;
  }

  #section(section: Section, file: string, variables: ReadonlyMap<string, string>): void {
    const locate = (path: string): string | undefined => {
      if (SDK_PATH.test(path)) return undefined;
      const expanded = path.replace(/\$\((\w+)\)/g, (whole, name: string) => variables.get(name) ?? whole);
      if (expanded.includes("$(")) throw new ManifestError(`${file}: unknown variable in ${path}`);
      return resolve(dirname(file), expanded);
    };
    for (const path of texts(section.include, file)) {
      const included = locate(path);
      if (included !== undefined) this.read(included, variables);
    }
    for (const [specifier, path] of pairs(section.modules, file)) {
      const source = specifier === REMOVAL || TLS_MODULE.test(specifier) ? undefined : locate(path);
      if (source !== undefined) this.#module(specifier, source, file);
    }
    this.preload.push(
      ...texts(section.preload, file).filter((name) => !this.preload.includes(name) && !TLS_MODULE.test(name)),
    );
    if (isRecord(section.config)) merge(this.config, section.config);
    for (const [, path] of pairs(section.data, file)) {
      const stem = locate(path);
      if (stem !== undefined) this.#data(stem, file);
    }
    if (isRecord(section.ffi) && isRecord(section.ffi.functions)) this.ffi.push(...Object.keys(section.ffi.functions));
  }

  #module(specifier: string, path: string, file: string): void {
    if (path.endsWith("*")) throw new ManifestError(`${file}: modules are listed one by one, not as ${specifier}`);
    const source = SOURCES.map((extension) => path + extension).find((candidate) => existsSync(candidate));
    if (source === undefined) {
      // A C source is a module of the same form; it has no part in the bundle.
      if (existsSync(`${path}.c`)) return;
      throw new ManifestError(`${file}: no source for module ${specifier} (${path})`);
    }
    const name = specifier === "*" ? basename(path) : specifier;
    const before = this.modules.get(name);
    if (before !== undefined && before !== source)
      throw new ManifestError(`${file}: ${name} is mapped to ${before} and ${source}`);
    this.modules.set(name, source);
  }

  #data(stem: string, file: string): void {
    const folder = dirname(stem);
    const found = existsSync(stem)
      ? [basename(stem)]
      : (existsSync(folder) ? readdirSync(folder) : []).filter(
          (name) => basename(name, extname(name)) === basename(stem),
        );
    if (found.length === 0) throw new ManifestError(`${file}: no data file ${stem}`);
    for (const name of found) this.data.set(name, join(folder, name));
  }
}

function parse(file: string): Section & { readonly platforms?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ManifestError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(value)) throw new ManifestError(`${file}: not a manifest`);
  return value;
}

/** One text or an array of them. */
function texts(value: unknown, file: string): string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((item): item is string => typeof item === "string")) return value;
  throw new ManifestError(`${file}: a path or an array of paths is wanted`);
}

function pairs(value: unknown, file: string): [string, string][] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, paths]) =>
    texts(paths, file).map((path): [string, string] => [key, path]),
  );
}

function variablesOf(build: unknown, folder: string): [string, string][] {
  if (!isRecord(build)) return [];
  return Object.entries(build).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value.startsWith(".") ? resolve(folder, value) : value]] : [],
  );
}

function merge(into: Record<string, ConfigValue>, from: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(from)) {
    const before = into[key];
    if (isRecord(before) && isRecord(value)) {
      const merged: Record<string, ConfigValue> = { ...before };
      merge(merged, value);
      into[key] = merged;
    } else if (isConfig(value)) into[key] = value;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** All that `JSON.parse` gives. */
function isConfig(value: unknown): value is ConfigValue {
  return value !== undefined;
}
