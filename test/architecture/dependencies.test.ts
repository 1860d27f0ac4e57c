import assert from "node:assert/strict";
import { circlesIn, type Edge, importGraph } from "./import-graph.js";
import { AREAS, objectionTo, placeOf, SOURCE_FOLDERS } from "./layers.js";
import { filesBelow, INNER_PACKAGES, type InnerPackage, importsIn, PROJECT } from "./source-tree.js";

/** Specifiers of the SDK that device code uses, those with a slash or colon by their beginning. */
const SDK_BEGINNINGS = ["embedded:", "mc/", "ssl/"];
const SDK_NAMES = new Set(
  "Resource crypt curve debug ecdsa ecp file instrumentation net pkcs8 preference rsa sntp time timer".split(" "),
);
/** What the manifest of strict-tls calls the modules of the SDK in whose place it stands. */
const SDK_REPLACED = new Set(["20", "22", "419"]);
const isSdk = (specifier: string): boolean =>
  SDK_NAMES.has(specifier) ||
  SDK_REPLACED.has(specifier) ||
  SDK_BEGINNINGS.some((beginning) => specifier.startsWith(beginning));

/** The name of the package behind a specifier, without the file in it. */
const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const graph = importGraph(SOURCE_FOLDERS);
const isDeviceCode = (path: string): boolean => path.startsWith("modules/") || path.startsWith("src/");
/** Folders of the tests' own firmware, whose manifests say what a specifier means. */
const APPLICATIONS = filesBelow("test", "manifest.json").map((path) => path.slice(0, path.lastIndexOf("/") + 1));
const tell = ({ from, specifier }: { readonly from: string; readonly specifier: string }) =>
  `${from} imports ${specifier}`;

describe("imports", () => {
  it("are found: of values and of types, by path, by specifier, by package, when called for, by address", () => {
    const has = (from: string, to: string, typeOnly: boolean) =>
      graph.edges.some((edge) => edge.from === from && edge.to === to && edge.typeOnly === typeOnly);
    assert.ok(has("modules/aws-jobs/aws-jobs.ts", "modules/aws-jobs/topics.ts", false));
    assert.ok(has("host-sim/board/board-options.ts", "host-sim/engines/engine.ts", true));
    assert.ok(has("src/main.ts", "modules/aws-fota/index.ts", false));
    assert.ok(has("src/main.ts", "src/esp32/network-link.ts", false));
    assert.ok(has("src/main.ts", "src/sim/network-link.ts", false), "the other platform's file");
    assert.ok(has("host-sim/world/virtual-world.ts", "host-sim/cloud/facts.ts", false));
    assert.ok(has("host-sim/cli.ts", "host-sim/commands/soak.ts", false));
    assert.ok(has("host-sim/engines/guest/guest-bundle.ts", "host-sim/ports/index.ts", false));
    assert.ok(has("host-sim/cloud/bin.mjs", "host-sim/cloud/command/run-cloud.ts", false));
  });

  for (const [source, specifier, typeOnly] of [
    ['import a from "x";', "x", false],
    ['import "x";', "x", false],
    ['import * as a from "x";', "x", false],
    ['import {\n  a,\n  type B,\n} from "x";', "x", false],
    ['import { type A, type B } from "x";', "x", true],
    ['import type { A } from "x";', "x", true],
    ['export type { A } from "x";', "x", true],
    ['export * from "x";', "x", false],
    [`const a = await ${"import"}("x");`, "x", false],
    [`const a = ${"new"} URL("./x.ts", import.meta.url);`, "./x.ts", false],
  ] as const) {
    it(`are read from ${JSON.stringify(source)}`, () => assert.deepEqual(importsIn(source), [{ specifier, typeOnly }]));
  }

  it("are not read from comments, exports and other text", () => {
    const source = '// import "a";\n/* import "b"; */\nexport const c = "d";\nconst e = new URL("./f.json", base);';
    assert.deepEqual(importsIn(source), []);
  });

  it("name only files that exist", () => {
    assert.deepEqual(graph.edges.filter(({ to }) => !graph.files.has(to)).map(tell), []);
  });

  it("never lead in a circle, neither of values nor of types", () => {
    assert.deepEqual(circlesIn(graph.edges), []);
  });

  for (const [text, circles] of [
    ["a>b b>c", []],
    ["a>b b>a", ["a,b"]],
    ["a>a", ["a"]],
    ["a>b b>c c>a c>d d>e e>d", ["d,e", "a,b,c"]],
    ["a>b a>c b>d c>d", []],
  ] as const) {
    it(`would be found to form ${circles.length} circles in ${text}`, () => {
      const edges = text.split(" ").map((arrow) => ({ from: arrow.slice(0, 1), to: arrow.slice(2) }));
      assert.deepEqual(circlesIn(edges).map(String), circles);
    });
  }
});

describe("layers", () => {
  it("have every source file in exactly one of them", () => {
    assert.deepEqual(
      [...graph.files].filter((path) => placeOf(path) === undefined),
      [],
    );
  });

  it("are each of some file, and each named once", () => {
    const used = new Set([...graph.files].map((path) => placeOf(path)?.layer.folder));
    const folders = AREAS.flatMap(({ layers }) => layers.map(({ folder }) => folder));
    assert.deepEqual(
      folders.filter((folder) => !used.has(folder)),
      [],
    );
    assert.deepEqual(folders, [...new Set(folders)]);
  });

  it("use only layers that stand beneath them", () => {
    for (const { layers } of AREAS)
      for (const [place, { folder, uses = [] }] of layers.entries()) {
        const beneath = new Set(layers.slice(0, place).map((layer) => layer.folder));
        assert.deepEqual(
          uses.filter((used) => !beneath.has(used)),
          [],
          folder,
        );
      }
  });

  it("are kept to by every import", () => {
    const wrong = graph.edges.flatMap((edge) => {
      const objection = objectionTo(edge);
      return objection === undefined ? [] : [`${tell(edge)}: ${objection}`];
    });
    assert.deepEqual(wrong, []);
  });

  for (const [from, to, typeOnly, objection] of [
    ["modules/aws-jobs/a.ts", "modules/aws-fota/b.ts", true, /stands above/],
    ["modules/aws-fota/a.ts", "modules/esp32-sim/b.ts", false, /may not use values/],
    ["modules/ota-partition/esp32/a.ts", "modules/esp32-sim/b.ts", false, /may not use values/],
    ["modules/ota-partition/esp32/a.ts", "modules/ota-partition/sim/b.ts", true, /stands above/],
    ["modules/aws-fota/a.ts", "host-sim/board/b.ts", true, /may not import/],
    ["src/a.ts", "modules/ota-partition/b.ts", false, /may not import/],
    ["host-sim/cloud/jobs/a.ts", "modules/aws-jobs/b.ts", true, /may not import/],
    ["host-sim/cloud/context/a.ts", "host-sim/cloud/jobs/b.ts", true, /stands above/],
    ["host-sim/cloud/jobs/a.ts", "host-sim/board/b.ts", true, /may not import/],
    ["host-sim/image/a.ts", "host-sim/board/b.ts", true, /stands above/],
    ["host-sim/board/a.ts", "modules/aws-fota/b.ts", false, /may not import/],
    ["host-sim/soak/a.ts", "host-sim/cli.ts", false, /stands above/],
    ["bench/a.ts", "test/support/b.ts", false, /may not import/],
    ["test/support/a.ts", "test/board/b.ts", false, /stands above/],
    ["test/board/a.ts", "test/engines/b.ts", false, /do not know each other/],
    ["modules/new-one/a.ts", "modules/foundation/b.ts", false, /belongs to no layer/],
    ["modules/device-ports/a.ts", "modules/mqtt-session/b.ts", true, undefined],
    ["host-sim/board/network/a.ts", "host-sim/board/b.ts", false, undefined],
    ["test/board/a.ts", "host-sim/cloud/index.ts", false, undefined],
  ] as const) {
    it(`${objection === undefined ? "allow" : "forbid"} ${from} to import ${typeOnly ? "a type" : "a value"} of ${to}`, () => {
      const found = objectionTo({ from, to, typeOnly });
      if (objection === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "", objection);
    });
  }
});

describe("device code", () => {
  const exits = graph.exits.filter(({ from }) => isDeviceCode(from));

  it("never imports Node or a package", () => {
    assert.deepEqual(exits.filter(({ specifier }) => !isSdk(specifier)).map(tell), []);
  });

  it("takes values of the SDK only in device-ports and src", () => {
    const wrong = exits.filter(({ from, typeOnly }) => !typeOnly && placeOf(from)?.layer.sdk !== true);
    assert.deepEqual(wrong.map(tell), []);
  });
});

describe("packages", () => {
  /** The inner package that a file belongs to, or the project. */
  const ownerOf = (path: string): InnerPackage =>
    INNER_PACKAGES.find(({ folder }) => path.startsWith(`${folder}/`)) ?? PROJECT;

  it("name in their package.json all that they import", () => {
    const wrong = graph.exits.filter(
      ({ from, specifier }) =>
        !isDeviceCode(from) &&
        !APPLICATIONS.some((folder) => from.startsWith(folder)) &&
        !specifier.startsWith("node:") &&
        !isSdk(specifier) &&
        !ownerOf(from).dependencies.has(packageOf(specifier)),
    );
    assert.deepEqual(wrong.map(tell), []);
  });

  for (const { folder, name, dependencies } of INNER_PACKAGES) {
    const crossing = ({ from, to }: Edge) => to.startsWith(`${folder}/`) && !from.startsWith(`${folder}/`);
    const own = [folder, ...(folder === "operator" ? ["operator/patch"] : [])];
    const tests = own.map((path) => `test/${path.slice(path.lastIndexOf("/") + 1)}/`);

    it(`${name} imports each package that its package.json names`, () => {
      const used = new Set(
        graph.exits.filter(({ from }) => from.startsWith(`${folder}/`)).map(({ specifier }) => packageOf(specifier)),
      );
      assert.deepEqual(
        [...dependencies].filter((dependency) => !used.has(dependency)),
        [],
      );
    });

    it(`${name} is entered by its name and exports only, its own tests aside`, () => {
      const wrong = graph.edges.filter(
        (edge) => crossing(edge) && edge.specifier.startsWith(".") && !tests.some((path) => edge.from.startsWith(path)),
      );
      assert.deepEqual(wrong.map(tell), []);
    });

    it(`${name} is really used by way of its exports`, () => {
      const entered = graph.edges.filter((edge) => crossing(edge) && !edge.specifier.startsWith("."));
      assert.ok(entered.length > 5, `only ${entered.length} imports found`);
    });
  }
});
