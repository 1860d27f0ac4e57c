import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { filesBelow, importsOf, ROOT, readText } from "./source-tree.js";

const sources = [...filesBelow("modules", ".ts"), ...filesBelow("src", ".ts")].filter(
  (path) => !path.endsWith(".d.ts"),
);

const code = (path: string) => readText(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");

/** What Node and browsers have and the device has not. */
const FOREIGN =
  /(?<!\.)\b(console|process|Buffer|setTimeout|setInterval|setImmediate|queueMicrotask|structuredClone|TextDecoder|TextEncoder|fetch|URLSearchParams)\b\s*[.(]/;

/** Library features after ES2022 that one of the XS engines in use lacks. */
const TOO_NEW =
  /\.(toSorted|toReversed|toSpliced|findLastIndex|isWellFormed|toBase64|toHex)\(|\b(Object|Map)\.groupBy\(|Promise\.(withResolvers|try)\(|\bArray\.fromAsync\(|\bIterator\.|Uint8Array\.from(Hex|Base64)\(/;

/** State at module level: preload freezes or forbids it. */
const MODULE_STATE =
  /^(export\s+)?(let\s|var\s|const\s+\w+(\s*:[^=]+)?\s*=\s*new\s+(Map|Set|WeakMap|Uint8Array|Uint16Array|Uint32Array|ArrayBuffer|DataView)\b)|^\s*static\s+(?!readonly\b)(?!#?\w+\s*\()#?\w+\s*(=|:)/m;

type Manifest = {
  include?: string | string[];
  modules?: Record<string, string | string[]>;
  preload?: string | string[];
  platforms?: Record<string, Manifest>;
};

const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

function parts(manifest: Manifest): Manifest[] {
  return [manifest, ...Object.values(manifest.platforms ?? {}).flatMap(parts)];
}

describe("device code", () => {
  it("uses nothing that only Node or a browser has", () => {
    assert.deepEqual(
      sources.filter((path) => FOREIGN.test(code(path))),
      [],
    );
  });

  it("stays within the library features of ES2022", () => {
    assert.deepEqual(
      sources.filter((path) => TOO_NEW.test(code(path))),
      [],
    );
  });

  it("has no mutable state at module level, so that every module can be preloaded into ROM", () => {
    assert.deepEqual(
      sources.filter((path) => MODULE_STATE.test(code(path))),
      [],
    );
  });

  it("has no promises: an unhandled rejection restarts the board", () => {
    assert.deepEqual(
      sources.filter((path) => /\basync\b|\bawait\b|\bnew Promise\b|\.then\(/.test(code(path))),
      [],
    );
  });
});

const hasRelativeImport = (path: string) => importsOf(path).some(({ specifier }) => specifier.startsWith("."));

describe("manifests", () => {
  const manifests = [...filesBelow("modules", "manifest.json"), ...filesBelow("src", "manifest.json"), "manifest.json"];
  const listed = new Map<string, string>();
  const preloaded = new Set<string>();
  for (const path of manifests)
    for (const part of parts(JSON.parse(readText(path)) as Manifest)) {
      for (const [specifier, target] of Object.entries(part.modules ?? {}))
        for (const file of list(target))
          if (file.startsWith(".")) listed.set(posix.join(posix.dirname(path), `${file}.ts`), specifier);
      for (const specifier of list(part.preload)) preloaded.add(specifier);
    }

  it("exist in every module folder", () => {
    const folders = readdirSync(join(ROOT, "modules"));
    assert.deepEqual(
      folders.filter((name) => !existsSync(join(ROOT, "modules", name, "manifest.json"))),
      [],
    );
  });

  it("name every source file of the firmware, one by one", () => {
    // `native-calls` gives host-sim what the C file gives the device; it is not part of any firmware.
    const unlisted = sources.filter((path) => !listed.has(path) && basename(path) !== "native-calls.ts");
    assert.deepEqual(unlisted, []);
  });

  it("name only files that exist", () => {
    assert.deepEqual(
      [...listed.keys()].filter((path) => !existsSync(join(ROOT, path))),
      [],
    );
  });

  it("give each module the specifier that its relative imports expect", () => {
    const wrong = [...listed].filter(([path, specifier]) => {
      if (path.startsWith("src/")) return specifier !== basename(path, ".ts");
      // What stands in the place of one of the SDK's modules imports by specifier alone.
      if (specifier.startsWith("ssl/")) return !path.startsWith("modules/strict-tls/sdk/") || hasRelativeImport(path);
      const expected = path.slice("modules/".length, -".ts".length);
      // A platform's file may stand in for the neutral specifier of its module.
      const [module = ""] = expected.split("/");
      return specifier !== expected && specifier !== posix.join(module, basename(expected));
    });
    assert.deepEqual(wrong, []);
  });

  it("preload every module but the application's main", () => {
    const missing = [...listed.values()].filter((specifier) => specifier !== "main" && !preloaded.has(specifier));
    assert.deepEqual(missing, []);
  });

  it("use no wildcard, which preload would silently ignore for TypeScript", () => {
    assert.deepEqual(
      manifests.filter((path) => /"[^"]*\/\*"\s*:|"\.\/\*"/.test(readText(path).replace(/"esp32\/\*"/g, ""))),
      [],
    );
  });
});
