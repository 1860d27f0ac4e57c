// @ts-check
/**
 * Which settings and tables the manifests of a build name. `mcconfig` keeps one of each, that of the manifest it read
 * last, and says nothing of the others; here all are found, with whose they are.
 */
import { posix } from "node:path";

/**
 * What `mcconfig` has written at the top of its makefile.
 * @typedef {object} Makefile
 * @property {ReadonlyMap<string, string>} variables
 * @property {readonly string[]} manifests the application's own first, then in the order of reading
 */

/** @typedef {"board" | "library" | "application"} Owner `board` stands for the SDK, too */

/**
 * @typedef {object} BuildSection
 * @property {Owner} owner
 * @property {string} manifest
 * @property {string} [sdkconfig] a folder
 * @property {string} [partitions] a file
 */

/**
 * @param {string} text
 * @returns {Makefile}
 */
export function readMakefile(text) {
  /** @type {Map<string, string>} */
  const variables = new Map();
  for (const [, name, value] of text.matchAll(/^(\w+) ?= ?(.*)$/gm)) {
    // The first one is mcconfig's; the make fragment behind it assigns some again.
    if (name !== undefined && !variables.has(name)) variables.set(name, (value ?? "").replaceAll("\\ ", " ").trim());
  }
  const list = /^MANIFEST = ?((?:\\\r?\n|.)*)$/m.exec(text)?.[1] ?? "";
  const manifests = list
    .split(/\\\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return { variables, manifests };
}

/**
 * @param {unknown} value
 * @returns {Readonly<Record<string, unknown>> | undefined}
 */
export function asObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/**
 * The part of `platforms` that `mcconfig` takes.
 * @param {Readonly<Record<string, unknown>>} platforms
 * @param {string} platform `esp32` or `esp32/<board>`
 */
function platformPart(platforms, platform) {
  const names = Object.keys(platforms);
  for (let parts = platform.split("/"); parts.length > 0; parts = parts.slice(0, -1)) {
    const partial = parts.join("/");
    const name = names.find((known) => {
      if (known.endsWith("/*")) return partial.startsWith(known.slice(0, -1));
      if (known.startsWith("*/")) return partial.endsWith(known.slice(1));
      return known === partial;
    });
    if (name !== undefined) return asObject(platforms[name]);
  }
  return asObject(platforms["..."]);
}

/**
 * @param {string} path
 * @param {string} folder
 */
export function isBelow(path, folder) {
  return folder !== "" && (path === folder || path.startsWith(`${folder.replace(/\/$/, "")}/`));
}

/**
 * @param {string} manifest
 * @param {{ readonly makefile: Makefile, readonly library: string }} build
 * @returns {Owner}
 */
function ownerOf(manifest, { makefile: { variables, manifests }, library }) {
  const main = manifests[0] ?? "";
  const sdk = variables.get("MODDABLE") ?? "";
  if (isBelow(manifest, posix.join(library, "modules"))) return "library";
  if (manifest === main) return "application";
  if (isBelow(manifest, variables.get("SUBPLATFORMDIRECTORY") ?? "")) return "board";
  if (!isBelow(manifest, sdk) || isBelow(manifest, library)) return "application";
  const mainFolder = posix.dirname(main);
  return isBelow(mainFolder, sdk) && isBelow(manifest, mainFolder) ? "application" : "board";
}

/**
 * The build sections that name an sdkconfig or a table, from bottom to top: the board's, then the application's with
 * its own manifest last.
 * @param {object} build
 * @param {Makefile} build.makefile
 * @param {string} build.library the folder of this project
 * @param {(path: string) => string | undefined} build.read
 * @param {Readonly<Record<string, string | undefined>>} build.environment
 * @returns {BuildSection[]}
 */
export function buildSections({ makefile, library, read, environment }) {
  const { variables, manifests } = makefile;
  const platform = variables.get("FULLPLATFORM") ?? "esp32";
  const resolved = (/** @type {string} */ manifest, /** @type {string} */ value) => {
    const path = value.replace(/\$\(([^)]+)\)/g, (_all, name) => variables.get(name) ?? environment[name] ?? "");
    return posix.resolve(posix.dirname(manifest), path);
  };
  /** @type {BuildSection[]} */
  const sections = [];
  for (const manifest of manifests) {
    const json = parsed(read(manifest));
    const parts = [json, platformPart(asObject(json?.platforms) ?? {}, platform)];
    /** @type {BuildSection} */
    const section = { owner: ownerOf(manifest, { makefile, library }), manifest };
    for (const part of parts) {
      for (const [key, value] of Object.entries(asObject(part?.build) ?? {})) {
        if (typeof value !== "string") continue;
        const name = key.replace(/ \?=$/, "");
        const told = (key === name ? undefined : environment[name]) ?? value;
        if (name === "SDKCONFIGPATH") section.sdkconfig = resolved(manifest, told);
        if (name === "PARTITIONS_FILE") section.partitions = resolved(manifest, told);
        if (name === "PARTITIONS_FILE_FOR_TARGET") section.partitions ??= resolved(manifest, told);
      }
    }
    if (section.sdkconfig !== undefined || section.partitions !== undefined) sections.push(section);
  }
  const own = sections.filter(({ manifest }) => manifest === manifests[0]);
  const others = sections.filter(({ manifest }) => manifest !== manifests[0]);
  const by = (/** @type {Owner} */ owner) => others.filter((section) => section.owner === owner);
  return [...by("board"), ...by("library"), ...by("application"), ...own];
}

/**
 * `mcconfig` has read it before: what is no manifest names nothing.
 * @param {string | undefined} text
 */
function parsed(text) {
  try {
    return asObject(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}
