import assert from "node:assert/strict";
import { type ModuleLists, moduleLists, type TargetKind } from "../../tools/manifests/module-lists.js";

const KINDS: Readonly<Record<string, TargetKind>> = {
  "./index": "code",
  "./topics": "code",
  "./model": "types",
  "./native": "other language",
  "../esp32/boot": "code",
  "../esp32/calls": "types",
};

/** The lists of a folder with the sources `own`, whose manifest says `before` so far. */
function lists(
  before: Partial<ModuleLists>,
  own: readonly string[],
  { notPreloaded = [], imported = [] }: { notPreloaded?: readonly string[]; imported?: readonly string[] } = {},
) {
  return moduleLists(
    { modules: {}, preload: [], ...before },
    {
      own,
      prefix: "lib/",
      notPreloaded: new Set(notPreloaded),
      imported: new Set(imported),
      kindOf: (path) => KINDS[path] ?? "nothing",
    },
  );
}

describe("the lists of a manifest", () => {
  it("take in new sources, in alphabetical order, listed and preloaded", () => {
    assert.deepEqual(lists({}, ["./topics", "./index"]), {
      modules: { "lib/index": "./index", "lib/topics": "./topics" },
      preload: ["lib/index", "lib/topics"],
    });
  });

  it("drop sources that are gone, and their preload", () => {
    const before = { modules: { "lib/index": "./index", "lib/old": "./old" }, preload: ["lib/index", "lib/old"] };
    assert.deepEqual(lists(before, ["./index"]), { modules: { "lib/index": "./index" }, preload: ["lib/index"] });
  });

  it("leave out files of types, which are nothing at run time, wherever they lie", () => {
    const before = {
      modules: { "lib/model": "./model", "lib/calls": "../esp32/calls" },
      preload: ["lib/model", "lib/calls"],
    };
    assert.deepEqual(lists(before, ["./model"]), { modules: {}, preload: [] });
  });

  it("keep the specifier that a source was given, and add no second one", () => {
    const before = { modules: { "ssl/session": "./index" }, preload: [] };
    assert.deepEqual(lists(before, ["./index"]), { modules: { "ssl/session": "./index" }, preload: ["ssl/session"] });
  });

  it("keep entries that lead to the SDK, and preload those only where it was asked for", () => {
    const sdk = { "20": "$(MODDABLE)/a", "22": "$(MODDABLE)/b", "~": ["$(MODDABLE)/c"] };
    assert.deepEqual(lists({ modules: sdk, preload: ["20"] }, []), { modules: sdk, preload: ["20"] });
  });

  it("keep and preload a source of another folder, and keep one in another language", () => {
    const before = { modules: { "lib/boot": "../esp32/boot", "lib/native": "./native" }, preload: [] };
    assert.deepEqual(lists(before, []), { modules: before.modules, preload: ["lib/boot"] });
  });

  it("keep in preload what another manifest lists", () => {
    assert.deepEqual(lists({ preload: ["other/index"] }, ["./index"]).preload, ["lib/index", "other/index"]);
  });

  it("leave out of preload what a preloaded module imports, but for the ways in", () => {
    const before = { preload: ["lib/topics", "other/index", "other/part"] };
    const imported = ["lib/topics", "lib/index", "other/index", "other/part"];
    assert.deepEqual(lists(before, ["./index", "./topics"], { imported }), {
      modules: { "lib/index": "./index", "lib/topics": "./topics" },
      preload: ["lib/index", "other/index"],
    });
  });

  it("keep exceptions out of preload", () => {
    assert.deepEqual(lists({ preload: ["lib/index"] }, ["./index"], { notPreloaded: ["lib/index"] }), {
      modules: { "lib/index": "./index" },
      preload: [],
    });
  });
});
