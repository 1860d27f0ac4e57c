import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { evaluatedModules, readManifests } from "../../host-sim/image/index.js";
import { NOT_PRELOADED } from "../../tools/manifests/exceptions.js";
import { projectManifests } from "../../tools/manifests/project-manifests.js";
import { importsOf, ROOT } from "./source-tree.js";

const PLATFORMS = ["esp32", "lin", "mac", "win"];

/** The first part of a specifier of ours; the SDK has none of these names. */
const folders = readdirSync(join(ROOT, "modules"));

describe("manifests", () => {
  it("exist in every module folder", () => {
    assert.deepEqual(
      folders.filter((name) => !existsSync(join(ROOT, "modules", name, "manifest.json"))),
      [],
    );
  });

  for (const { path, text, wanted } of projectManifests())
    it(`list and preload the modules there are: ${path} is as npm run manifests makes it`, () => {
      assert.equal(text, wanted);
    });

  it("have every module but the application's main evaluated at build time on the ESP32", () => {
    const { modules, preload } = readManifests(join(ROOT, "manifest.json"), "esp32");
    assert.deepEqual(
      [...modules.keys()].filter((specifier) => !evaluatedModules(modules, preload).includes(specifier)),
      ["main"],
    );
    assert.deepEqual(
      preload.filter((specifier) => !modules.has(specifier)),
      [],
    );
  });

  it("have all but the exceptions evaluated at build time in the simulators", () => {
    const exceptions = new Set(NOT_PRELOADED.map(([, specifier]) => specifier));
    for (const platform of PLATFORMS.filter((name) => name !== "esp32")) {
      const { modules, preload } = readManifests(join(ROOT, "manifest.json"), platform);
      const found = new Set(evaluatedModules(modules, preload));
      assert.deepEqual(
        [...modules.keys()].filter((specifier) => !found.has(specifier) && !exceptions.has(specifier)),
        [],
        platform,
      );
    }
  });

  it("leave out of preload only modules that they list", () => {
    const lists = new Map(projectManifests().map(({ path, text }) => [path, JSON.parse(text).modules]));
    assert.deepEqual(
      NOT_PRELOADED.filter(([manifest, specifier]) => !Object.hasOwn(lists.get(manifest) ?? {}, specifier)),
      [],
    );
  });

  for (const platform of PLATFORMS) {
    const { modules } = readManifests(join(ROOT, "manifest.json"), platform);
    const sources = [...modules].map(([specifier, file]) => ({
      specifier,
      file,
      path: relative(ROOT, file).split(sep).join("/"),
    }));

    // XS resolves a relative import from specifier to specifier, the type check from file to file: both must find the
    // same.
    it(`give each module the specifier that its relative imports expect on ${platform}`, () => {
      const wrong = sources.flatMap(({ specifier, path }) =>
        importsOf(path)
          .filter((imported) => !imported.typeOnly && imported.specifier.startsWith("."))
          .map((imported) => imported.specifier.replace(/\.js$/, ""))
          .filter((target) => {
            const found = modules.get(posix.join(posix.dirname(specifier), target));
            return found !== join(ROOT, posix.join(posix.dirname(path), `${target}.ts`));
          })
          .map((target) => `${specifier} imports ${target}`),
      );
      assert.deepEqual(wrong, []);
    });

    it(`list each module that is imported by its specifier on ${platform}, be it for its types`, () => {
      const wrong = sources.flatMap(({ specifier, path }) =>
        importsOf(path)
          .filter(
            ({ specifier: name }) => folders.some((folder) => name.startsWith(`${folder}/`)) && !modules.has(name),
          )
          .map(({ specifier: name }) => `${specifier} imports ${name}`),
      );
      assert.deepEqual(wrong, []);
    });
  }
});
