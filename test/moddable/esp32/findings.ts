/** What would break on the device, found in a build that was generated and linked on the host. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { evaluatedModules } from "../../../host-sim/image/index.js";
import { partitionsFromCsv } from "../../../modules/esp32-sim/index.js";
import { type BuildModule, type DeviceBuild, failureLines, type LinkResult, run } from "./device-build.js";
import { hardeningProblems } from "./hardening.js";
import { missingModules } from "./imports.js";

export type FindingKind =
  | "build"
  | "not-preloaded"
  | "mutable"
  | "missing-module"
  | "displaced"
  | "foreign-library"
  | "sdkconfig"
  | "version"
  | "fragment"
  | "library"
  | "partitions"
  | "hardening"
  | "native";

export type Finding = { readonly kind: FindingKind; readonly text: string };

export type Expectations = {
  /** Modules whose source lies below one of these folders are ours. */
  readonly ours: readonly string[];
  /** The make fragment that lays the settings over each other, within mcconfig's own build; absolute. */
  readonly fragment: string;
  /** Native functions the firmware calls by `mc/ffi`. */
  readonly nativeFunctions: readonly string[];
  /** Specifiers that must mean this very file, absolute: other manifests map them as well. */
  readonly mapped: ReadonlyMap<string, string>;
};

/** The application's own module: it runs at start, so it cannot be evaluated at build time. */
const NOT_PRELOADED = new Set(["main"]);

/**
 * Methods after ES2022 that the SDK's typings declare, so that the type check knows them; one of the engines in use has
 * not.
 */
const SDK_TYPED_METHODS = /\.(toHex|toBase64|setFromHex|setFromBase64)\(|\bUint8Array\.from(Hex|Base64)\(/;

/** Of generated files alone; takes no time. */
export function settingsFindings(build: DeviceBuild, expected: Expectations): Finding[] {
  return [
    ...fragmentFindings(build, expected),
    ...build.settings.problems,
    ...partitionFindings(build),
    ...hardeningProblems(build).map((text): Finding => ({ kind: "hardening", text })),
    ...nativeFindings(build, expected),
    ...displacedFindings(build, expected),
  ];
}

/** What a module that is evaluated at build time imports is evaluated as well. */
export function preloadFindings(build: DeviceBuild, expected: Expectations): Finding[] {
  const ours = ourModules(build, expected);
  const sources = new Map(ours.map(({ specifier, source }) => [specifier, source]));
  const evaluated = new Set(evaluatedModules(sources, [...build.preloaded]));
  return ours
    .filter(({ specifier }) => !evaluated.has(specifier) && !NOT_PRELOADED.has(specifier))
    .map(({ specifier }) => ({
      kind: "not-preloaded",
      text: `${specifier} is not evaluated at build time: no preload list leads to it`,
    }));
}

/** After `linkBuild`. */
export async function linkFindings(build: DeviceBuild, link: LinkResult, expected: Expectations): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (!link.linked) findings.push({ kind: "build", text: failureLines(link.log) });
  // The linker names the module that leads to the object, so that every warning of ours starts with a specifier of
  // ours.
  const names = new Set(ourModules(build, expected).map(({ specifier }) => specifier));
  for (const warning of link.warnings) {
    if (names.has(warning.slice(0, warning.indexOf(":")))) findings.push({ kind: "mutable", text: warning });
  }
  if (link.linked) {
    for (const { from, specifier } of await missingModules(build, (module) => isOurs(module, expected))) {
      findings.push({
        kind: "missing-module",
        text: `${from.specifier} imports ${specifier}, which no manifest lists`,
      });
    }
  }
  return [...findings, ...(await libraryFindings(build, expected))];
}

/**
 * Node's globals, later ECMAScript libraries and unknown imports: our sources against the SDK's typings with the
 * library of ES2022.
 */
async function libraryFindings(build: DeviceBuild, expected: Expectations): Promise<Finding[]> {
  const sources = ourModules(build, expected)
    .map(({ source }) => source)
    .filter((source) => source.endsWith(".ts"));
  const project = join(build.folder, "es2022-tsconfig.json");
  const config = {
    extends: "./modules/tsconfig-base.json",
    compilerOptions: { noEmit: true, skipLibCheck: true, lib: ["es2022"], target: "es2022" },
    files: sources,
  };
  writeFileSync(project, JSON.stringify(config));
  const { log } = await run("tsc", ["--pretty", "false", "-p", project], build.folder, build.options.toolchain);
  const errors = log.split("\n").filter((line) => /\berror TS\d+:/.test(line));
  const methods = sources.filter((source) => SDK_TYPED_METHODS.test(readFileSync(source, "utf8")));
  return [
    ...errors.map((text): Finding => ({ kind: "foreign-library", text })),
    ...methods.map(
      (source): Finding => ({
        kind: "foreign-library",
        text: `${source}: hex and base64 of byte arrays are newer than ES2022`,
      }),
    ),
  ];
}

/** Another manifest may bring a fragment of its own: nothing is laid over anything then. */
export function fragmentFindings(
  { fragment: found }: Pick<DeviceBuild, "fragment">,
  { fragment }: Pick<Expectations, "fragment">,
): Finding[] {
  if (found === fragment) return [];
  const text = `MAKE_FRAGMENT is ${found || "the SDK's own"}, not ${fragment}: the library's settings are not in force`;
  return [{ kind: "fragment", text }];
}

/** The bytes that ESP-IDF would make of the table, by the rules that the simulated chip knows. */
function partitionFindings({ settings: { partitions, flashMegabytes, problems } }: DeviceBuild): Finding[] {
  if (partitions === "" || problems.some(({ kind }) => kind === "partitions")) return [];
  try {
    partitionsFromCsv(partitions, { flashSize: flashMegabytes * 1024 * 1024 });
    return [];
  } catch (error) {
    return [{ kind: "partitions", text: error instanceof Error ? error.message : String(error) }];
  }
}

/** What checks the servers stands under names that the SDK has modules for, too. */
export function displacedFindings(
  { modules, makefile }: Pick<DeviceBuild, "modules" | "makefile">,
  { mapped }: Pick<Expectations, "mapped">,
): Finding[] {
  return [...mapped].flatMap(([specifier, file]): Finding[] => {
    const source = modules.get(specifier)?.source;
    const rules = makefile.split(`\n$(MODULES_DIR)/${specifier}.xsb: `).length - 1;
    if (source === file && rules === 1) return [];
    const found = rules > 1 ? `${rules} files` : (source ?? "nothing");
    return [{ kind: "displaced", text: `${specifier} is ${found}, not ${file}` }];
  });
}

/** Each function must be bound, with the types of its C definition, in a source that the makefile compiles. */
function nativeFindings({ ffi, nativeSources }: DeviceBuild, { nativeFunctions }: Expectations): Finding[] {
  const bound = signatures(ffi, /^extern ([\w ]+?[ *]+)(\w+)\(([^)]*)\);/gm);
  const defined = nativeSources
    .filter((path) => !path.endsWith("/mc.ffi.c") && !path.includes("/xs/"))
    .map((path) => signatures(readFileSync(path, "utf8"), /^([\w ]+?[ *]+)(\w+)\(([^)]*)\)\s*\{/gm));
  return nativeFunctions.flatMap((name): Finding[] => {
    const binding = bound.get(name);
    if (binding === undefined) return [{ kind: "native", text: `${name} is not bound in mc.ffi.c` }];
    const definition = defined.map((file) => file.get(name)).find((found) => found !== undefined);
    if (definition === undefined) return [{ kind: "native", text: `no C source of the build defines ${name}` }];
    if (definition === binding) return [];
    return [{ kind: "native", text: `${name} is bound as ${binding} and defined as ${definition}` }];
  });
}

function signatures(source: string, pattern: RegExp): Map<string, string> {
  const types = (args: string) =>
    args
      .split(",")
      .map((argument) =>
        argument.trim().replace(/\b(\w+)$/, (word, name: string) => (/^(void|.*_t)$/.test(name) ? word : "")),
      )
      .map(compact)
      .filter((type) => type !== "void" && type !== "");
  return new Map(
    [...source.matchAll(pattern)].map(([, result = "", name = "", args = ""]) => [
      name,
      `${compact(result)}(${types(args).join(",")})`,
    ]),
  );
}

const compact = (type: string): string =>
  type
    .replace(/\s+/g, " ")
    .replace(/ ?\* ?/g, "*")
    .trim();

function ourModules(build: DeviceBuild, expected: Expectations): BuildModule[] {
  return [...build.modules.values()].filter((module) => isOurs(module, expected));
}

export function isOurs({ source }: BuildModule, { ours }: Expectations): boolean {
  return ours.some((folder) => !relative(folder, source).split(sep).includes(".."));
}
