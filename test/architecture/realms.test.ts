import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { filesBelow, ROOT } from "./source-tree.js";
import { runPackage } from "./support/run-package.js";

/** What Node has and the device has not. */
const NODE_GLOBALS = [
  ...["process", "global", "Buffer", "require", "__dirname", "console", "performance", "crypto"],
  ...["setTimeout", "setInterval", "setImmediate", "clearTimeout", "queueMicrotask", "structuredClone"],
  ...["URL", "URLSearchParams", "TextDecoder", "TextEncoder", "btoa", "atob", "fetch", "Headers", "Blob"],
  ...["AbortController", "EventTarget"],
];

/** What browsers have, and the types of Node have not. */
const BROWSER_GLOBALS = [
  "navigator",
  "WebAssembly",
  "window",
  "document",
  "self",
  "localStorage",
  "location",
  "XMLHttpRequest",
];

/** Library features after ES2022: one of the XS engines in use lacks each. */
const LATER_LIBRARY = [
  ...["[1].toSorted()", "[1].toReversed()", "[1].toSpliced(0, 1)", "[1].with(0, 2)", "[1].findLast(Boolean)"],
  ...["[1].findLastIndex(Boolean)", '"a".isWellFormed()', "Object.groupBy([1], String)", "Map.groupBy([1], String)"],
  ...["Promise.withResolvers()", "Promise.try(() => 1)", "Array.fromAsync([1])", "Iterator.from([1])"],
  ...["[1].values().map(String)", "new Set([1]).union(new Set())", "new ArrayBuffer(1).transfer()"],
  ...["new Uint8Array(1).toBase64()", "new Uint8Array(1).toHex()", 'Uint8Array.fromHex("00")'],
];

/** Some of what ES2022 and the SDK's declarations do have. */
const ALLOWED = ["trace", "[1].at(-1)", "Object.hasOwn({}, 'a')", '"aa".replaceAll("a", "b")', "new WeakRef({})"];

const DEVICE = "tsconfig.device.json";
const NODE = "tsconfig.node.json";
const PAGE = "tsconfig.page.json";

describe("realms of types", () => {
  let folder = "";
  before(() => {
    mkdirSync(join(ROOT, "build"), { recursive: true });
    folder = mkdtempSync(join(ROOT, "build", "realm-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Those of `expressions` that are no type error in a file that joins `realm`. */
  function accepted(realm: string, expressions: readonly string[], compilerOptions: object = {}): string[] {
    writeFileSync(
      join(folder, "probe.ts"),
      expressions.map((expression, index) => `export const probe${index}: unknown = ${expression};\n`).join(""),
    );
    const config = {
      extends: `../../${realm}`,
      compilerOptions: { tsBuildInfoFile: "./probe.tsbuildinfo", ...compilerOptions },
      include: [],
      files: ["./probe.ts", "../../modules/device-ports/sdk.d.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { text } = runPackage("typescript", "bin/tsc", "-p", join(folder, "tsconfig.json"));
    const refused = new Set([...text.matchAll(/probe\.ts\((\d+),\d+\): error TS/g)].map(([, line]) => Number(line)));
    assert.ok(refused.size > 0 || text === "", text);
    return expressions.filter((_expression, index) => !refused.has(index + 1));
  }

  function sourcesOf(realm: string): string[] {
    const { status, text } = runPackage("typescript", "bin/tsc", "-p", realm, "--listFilesOnly");
    assert.equal(status, 0, text);
    return text
      .trimEnd()
      .split("\n")
      .map((file) => relative(ROOT, file).split(sep).join("/"));
  }

  it("let device code see nothing that only Node or a browser has", () => {
    assert.deepEqual(accepted(DEVICE, [...NODE_GLOBALS, ...BROWSER_GLOBALS]), []);
    assert.deepEqual(accepted(NODE, NODE_GLOBALS), NODE_GLOBALS, "the probe knows these names from Node");
  });

  it("let device code see nothing of the library after ES2022", () => {
    assert.deepEqual(accepted(DEVICE, LATER_LIBRARY), []);
    assert.deepEqual(accepted(DEVICE, LATER_LIBRARY, { lib: ["esnext"] }), LATER_LIBRARY, "the probe is right");
  });

  it("let device code see ES2022 and the SDK's declarations", () => {
    assert.deepEqual(accepted(DEVICE, ALLOWED), ALLOWED);
  });

  it("hold every source of the firmware to the device's, and bring no package's types with them", () => {
    const sources = sourcesOf(DEVICE);
    const firmware = [...filesBelow("modules", ".ts"), ...filesBelow("src", ".ts")];
    assert.deepEqual(
      firmware.filter((path) => !sources.includes(path)),
      [],
    );
    assert.deepEqual(
      sources.filter((path) => path.startsWith("node_modules/") && !path.startsWith("node_modules/@typescript/")),
      [],
    );
  });

  it("let the page see what a browser has, and nothing that only Node has", () => {
    const browser = BROWSER_GLOBALS.filter((name) => name !== "WebAssembly");
    assert.deepEqual(accepted(PAGE, browser), browser);
    const onlyNode = ["process", "global", "Buffer", "require", "__dirname", "setImmediate"];
    assert.deepEqual(accepted(PAGE, onlyNode), []);
  });

  it("leave no source out", () => {
    const checked = new Set([...sourcesOf(DEVICE), ...sourcesOf(NODE), ...sourcesOf(PAGE)]);
    const all = ["modules", "src", "host-sim", "operator", "test", "bench", "tools"].flatMap((top) =>
      filesBelow(top, ".ts", ".tsx"),
    );
    assert.deepEqual(
      all.filter((path) => !checked.has(path)),
      [],
    );
  });
});
