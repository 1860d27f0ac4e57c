import assert from "node:assert/strict";
import { filesBelow, readText } from "./source-tree.js";

const sources = [...filesBelow("modules", ".ts"), ...filesBelow("src", ".ts")].filter(
  (path) => !path.endsWith(".d.ts"),
);

const code = (path: string) => readText(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");

/** State at module level: preload freezes or forbids it. */
const MODULE_STATE =
  /^(export\s+)?(let\s|var\s|const\s+\w+(\s*:[^=]+)?\s*=\s*new\s+(Map|Set|WeakMap|Uint8Array|Uint16Array|Uint32Array|ArrayBuffer|DataView)\b)|^\s*static\s+(?!readonly\b)(?!#?\w+\s*\()#?\w+\s*(=|:)/m;

describe("device code", () => {
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
