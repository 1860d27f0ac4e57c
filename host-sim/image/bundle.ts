import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { GUEST_TSCONFIG } from "../engines/guest/guest-bundle.js";
import { sdkPlugin } from "../ports/sdk-plugin.js";
import { evaluatedModules, importedSpecifier } from "./evaluated-modules.js";
import { type BuildPlan, ManifestError } from "./manifest.js";

/**
 * Modules of the bundle that are not the project's. In a name space of their own, as a path in the output would differ
 * from machine to machine.
 */
const NAMESPACE = "firmware";
const ENTRY = "entry";
const PRELOAD = "preload";
const FREEZE = "preload-freeze";
const FREEZE_SOURCE = fileURLToPath(new URL("./preload-freeze.ts", import.meta.url));
const MAIN = "main";
/** Columns; keeps the text readable and places in stack traces useful. */
const LINE_LIMIT = 120;
const ENTRY_TEXT = `import "${NAMESPACE}:${PRELOAD}";\nimport "${MAIN}";`;
/** What each module evaluated at build time additionally exports: a function that gives the values of its scope. */
const SCOPE = "$preload";

/** A declaration at module scope. The formatter keeps those, and only those, in the first column. */
const DECLARATION = /^(?:export +)?(?:default +)?(?:abstract +)?(?:class|const|let|var) +([A-Za-z_$][\w$]*)/gm;

/**
 * Text of a CommonJS module: first what is evaluated at build time, frozen, then `main`. Imports follow the manifests
 * alone, as on the device: a relative import leads from specifier to specifier, and a module that no manifest lists
 * does not exist. SDK modules stay `require("specifier")`. Comments and indentation are left out; with `minify` names
 * are shortened too.
 * @throws ManifestError
 */
export async function bundleProgram(plan: BuildPlan, workingFolder: string, minify = false): Promise<string> {
  for (const specifier of plan.preload) {
    if (!plan.modules.has(specifier)) throw new ManifestError(`preload names ${specifier}, which is no module`);
  }
  if (!plan.modules.has(MAIN)) throw new ManifestError("no manifest lists the module main");
  try {
    const result = await build({
      entryPoints: [ENTRY],
      bundle: true,
      write: false,
      format: "cjs",
      target: "es2022",
      platform: "neutral",
      charset: "utf8",
      legalComments: "none",
      minifyWhitespace: true,
      minifySyntax: minify,
      minifyIdentifiers: minify,
      lineLimit: LINE_LIMIT,
      banner: { js: '"use strict";' },
      absWorkingDir: workingFolder,
      tsconfigRaw: GUEST_TSCONFIG,
      logLevel: "silent",
      plugins: [sdkPlugin(), manifestPlugin(plan)],
    });
    return result.outputFiles[0]?.text ?? "";
  } catch (error) {
    throw new ManifestError(error instanceof Error ? error.message : String(error));
  }
}

function manifestPlugin(plan: BuildPlan): Plugin {
  const specifiers = new Map([...plan.modules].map(([specifier, file]) => [file, specifier]));
  const evaluated = evaluatedModules(plan.modules, plan.preload);
  const preloaded = new Set(evaluated.map((specifier) => plan.modules.get(specifier)));
  return {
    name: "manifest",
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, ({ path, importer, namespace }) => {
        if (path === ENTRY || path === `${NAMESPACE}:${PRELOAD}`)
          return { path: path.replace(/.*:/, ""), namespace: NAMESPACE };
        if (path === `${NAMESPACE}:${FREEZE}`) return { path: FREEZE, namespace: NAMESPACE };
        const from = namespace === NAMESPACE ? "" : specifiers.get(importer);
        const specifier = importedSpecifier(from ?? "", path);
        const file = plan.modules.get(specifier);
        if (file === undefined) return { errors: [{ text: `no manifest lists the module ${specifier}` }] };
        return { path: file };
      });
      builder.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => ({
        contents:
          path === FREEZE
            ? await readFile(FREEZE_SOURCE, "utf8")
            : path === ENTRY
              ? ENTRY_TEXT
              : preloadText(evaluated),
        loader: "ts",
      }));
      builder.onLoad({ filter: /\.ts$|\.js$/ }, async ({ path }) => {
        if (!preloaded.has(path)) return undefined;
        const text = await readFile(path, "utf8");
        const names = [...text.matchAll(DECLARATION)].map((match) => match[1]);
        return {
          contents: `${text}\nexport const ${SCOPE} = () => [${names.join(", ")}];\n`,
          loader: path.endsWith(".ts") ? "ts" : "js",
        };
      });
    },
  };
}

function preloadText(evaluated: readonly string[]): string {
  return [
    `import { freezeAsPreload } from "${NAMESPACE}:${FREEZE}";`,
    ...evaluated.map((specifier, index) => `import { ${SCOPE} as scope${index} } from ${JSON.stringify(specifier)};`),
    ...evaluated.map((_specifier, index) => `freezeAsPreload(scope${index}());`),
  ].join("\n");
}
