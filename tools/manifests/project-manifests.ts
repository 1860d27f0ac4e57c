/** The project's manifests, and what each should say. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { importedSpecifier, valueImports } from "../../host-sim/image/index.js";
import { NOT_PRELOADED, PREFIXES } from "./exceptions.js";
import { manifestText } from "./manifest-text.js";
import { type ModuleLists, moduleLists, type TargetKind } from "./module-lists.js";
import { isTypesOnly } from "./types-only.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MANIFEST = "manifest.json";

type Manifest = Record<string, unknown>;

export type ProjectManifest = {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** What {@link text} should be. */
  readonly wanted: string;
};

/**
 * All manifests of firmware and library. Those of tests and examples are applications of their own and written by hand.
 */
export function projectManifests(): ProjectManifest[] {
  const manifests = [MANIFEST, ...["modules", "src"].flatMap((folder) => filesBelow(folder, MANIFEST))].map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const content: unknown = JSON.parse(text);
    if (!isRecord(content)) throw new Error(`${path} is not a manifest`);
    return { path, text, content };
  });
  const imported = new Set(manifests.flatMap(({ path, content }) => importedBy(path, content)));
  return manifests.map(({ path, text, content }) => ({
    path,
    text,
    wanted: manifestText({ ...content, ...listsOf(path, content, imported) }),
  }));
}

/** What the manifest's modules import by value, without those that are not evaluated at build time. */
function importedBy(path: string, content: Manifest): string[] {
  const folder = posix.dirname(path);
  const platforms = Object.values(isRecord(content.platforms) ? content.platforms : {}).filter(isRecord);
  const lists = [listsOf(path, content, new Set()).modules, ...platforms.map(modulesOf)];
  return lists
    .flatMap((modules) => Object.entries(modules))
    .filter(([specifier]) => !NOT_PRELOADED.some(([manifest, name]) => manifest === path && name === specifier))
    .flatMap(([specifier, target]) => {
      const file = join(ROOT, folder, `${String(target)}.ts`);
      const names = existsSync(file) ? valueImports(file) : [];
      return names.map((name) => importedSpecifier(specifier, name));
    });
}

function listsOf(path: string, manifest: Manifest, imported: ReadonlySet<string>): ModuleLists {
  const folder = posix.dirname(path);
  // The project's own manifest stands beside the folder of its modules.
  const home = folder === "." ? "src" : folder;
  const before = { modules: modulesOf(manifest), preload: textsOf(manifest.preload) };
  const byPlatform = Object.values(isRecord(manifest.platforms) ? manifest.platforms : {}).flatMap((platform) =>
    isRecord(platform) ? Object.values(modulesOf(platform)).flat() : [],
  );
  return moduleLists(before, {
    own: sourcesOf(home)
      .map((source) => `./${posix.relative(folder, source)}`)
      .filter((own) => !byPlatform.includes(own)),
    prefix: PREFIXES[home] ?? `${posix.relative("modules", home)}/`,
    notPreloaded: new Set(NOT_PRELOADED.flatMap(([manifest, specifier]) => (manifest === path ? [specifier] : []))),
    imported,
    kindOf: (target) => kindOf(posix.join(folder, target)),
  });
}

/** Sources below `folder`, without their extension; a folder below it that has a manifest is on its own. */
function sourcesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return existsSync(join(ROOT, path, MANIFEST)) ? [] : sourcesOf(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts") ? [path.slice(0, -".ts".length)] : [];
  });
}

function kindOf(path: string): TargetKind {
  const file = join(ROOT, `${path}.ts`);
  if (!existsSync(file))
    return [".js", ".c"].some((ending) => existsSync(join(ROOT, path + ending))) ? "other language" : "nothing";
  return isTypesOnly(file) ? "types" : "code";
}

function filesBelow(folder: string, name: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => basename(path) === name)
    .map((path) => posix.join(folder, ...dirname(path).split(/[/\\]/), name));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): value is string => typeof value === "string";

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter(isText);
}

function modulesOf({ modules }: Record<string, unknown>): Record<string, string | string[]> {
  if (!isRecord(modules)) return {};
  return Object.fromEntries(
    Object.entries(modules).map(([specifier, target]) => [specifier, isText(target) ? target : textsOf(target)]),
  );
}
