/** Which modules a manifest lists and which of them it preloads: a decision about names, without files. */

/**
 * What a path of a manifest, without its extension, leads to: `types` is a source of which nothing is left when its
 * types are erased.
 */
export type TargetKind = "code" | "types" | "other language" | "nothing";

export type ModuleRules = {
  /** Sources that belong to the manifest, as its `modules` name them: `./topics`. */
  readonly own: readonly string[];
  /** Begins the specifier of a source that has none yet: `aws-jobs/` for `./topics`. */
  readonly prefix: string;
  /** Specifiers that are not evaluated at build time by this manifest. */
  readonly notPreloaded: ReadonlySet<string>;
  /** Specifiers that a module imports which is evaluated at build time. */
  readonly imported: ReadonlySet<string>;
  readonly kindOf: (path: string) => TargetKind;
};

type Modules = Readonly<Record<string, string | readonly string[]>>;

export type ModuleLists = { readonly modules: Modules; readonly preload: readonly string[] };

/** Paths that begin otherwise lead to the SDK. */
const isProjectPath = (target: string | readonly string[]): target is string =>
  typeof target === "string" && target.startsWith(".");

const sorted = <T>(items: Iterable<T>, keyOf: (item: T) => string): T[] =>
  [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** A folder's way in; it only passes on the names of others. */
const isWayIn = (specifier: string) => specifier.endsWith("/index");

/**
 * The lists a manifest should have, out of those it has. A source keeps the specifier it was given, which may be the
 * SDK's own for a module that stands in for it; entries that lead to the SDK stay as they are. Sources that are new
 * come in, those that are gone or hold types alone fall out.
 *
 * `preload` names the ways in alone. What they import is evaluated at build time as well, and keeps its code in flash:
 * of a module that is named, the SDK's linker has each closure's code, and each text, copied to RAM when it is made.
 */
export function moduleLists(before: ModuleLists, rules: ModuleRules): ModuleLists {
  const { own, prefix, notPreloaded, imported, kindOf } = rules;
  const isCode = (target: string | readonly string[]) => isProjectPath(target) && kindOf(target) === "code";
  const kept = Object.entries(before.modules).filter(
    ([, target]) => !isProjectPath(target) || isCode(target) || kindOf(target) === "other language",
  );
  const listed = new Set(kept.map(([, target]) => target));
  const added = own
    .filter((path) => isCode(path) && !listed.has(path))
    .map((path): [string, string] => [prefix + path.slice("./".length), path]);
  const modules = sorted([...kept, ...added], ([specifier]) => specifier);

  const ours = modules.filter(([, target]) => isCode(target)).map(([specifier]) => specifier);
  // What this manifest listed and lists no more; what it never listed is another manifest's module, named here by hand.
  const dropped = new Set(
    Object.keys(before.modules).filter((specifier) => !modules.some(([name]) => name === specifier)),
  );
  const byHand = before.preload.filter((specifier) => !ours.includes(specifier) && !dropped.has(specifier));
  const named = ours.filter(
    (specifier) => !notPreloaded.has(specifier) && (isWayIn(specifier) || !imported.has(specifier)),
  );
  const preload = [...byHand.filter((specifier) => !imported.has(specifier) || isWayIn(specifier)), ...named];
  return { modules: Object.fromEntries(modules), preload: sorted(preload, (specifier) => specifier) };
}
