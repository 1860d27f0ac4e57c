import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFirmware, ManifestError, readManifests } from "../../host-sim/image/index.js";

const APPLICATION = fileURLToPath(new URL("./application/manifest.json", import.meta.url));

describe("readManifests", () => {
  it("collects modules, preload, data, native functions and configuration through includes", () => {
    const plan = readManifests(APPLICATION, "esp32");
    assert.deepEqual([...plan.modules.keys()].sort(), [
      "helper",
      "library/index",
      "library/tables",
      "library/unused",
      "main",
      "where",
    ]);
    assert.deepEqual(plan.preload, ["library/index", "library/tables", "library/unused"]);
    assert.deepEqual([...plan.data.keys()], ["root.der"]);
    assert.deepEqual(plan.ffi, ["fota_label", "fota_restart"]);
    assert.deepEqual(plan.config, { endpoint: "", platform: "esp32", nested: { one: 1, two: 2 } });
    assert.equal(plan.manifests.length, 3, "each manifest once, though two include one another");
  });

  it("leaves out what the firmware puts in the place of the SDK's TLS: the board does TLS by itself", () => {
    const folder = mkdtempSync(join(tmpdir(), "manifest-"));
    try {
      const modules = {
        "ssl/cert": "./cert",
        "strict-tls/sdk/crypto": "./crypto",
        "22": "./handshake",
        main: "./main",
      };
      const manifest = { modules, preload: ["ssl/cert", "strict-tls/sdk/crypto", "22", "main"] };
      writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
      writeFileSync(join(folder, "main.ts"), "");
      const plan = readManifests(join(folder, "manifest.json"), "esp32");
      assert.deepEqual([...plan.modules.keys()], ["main"]);
      assert.deepEqual(plan.preload, ["main"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("takes exactly one entry of platforms", () => {
    assert.ok(readManifests(APPLICATION, "esp32").modules.get("where")?.endsWith("esp32-where.ts"));
    assert.ok(readManifests(APPLICATION, "lin").modules.get("where")?.endsWith("lin-where.ts"));
    assert.throws(
      () => readManifests(APPLICATION, "pebble"),
      (error) => error instanceof ManifestError && /no such platform/.test(error.message),
    );
  });

  describe("refuses", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "manifest-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function write(files: Readonly<Record<string, string | object>>): string {
      for (const [name, content] of Object.entries(files)) {
        const path = join(folder, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
      }
      return join(folder, "manifest.json");
    }

    const main = { modules: { main: "./main" } };
    const cases: readonly [title: string, files: Record<string, string | object>, message: RegExp][] = [
      ["a manifest that is no JSON", { "manifest.json": "{" }, /manifest\.json: /],
      ["a manifest that is no object", { "manifest.json": "[]" }, /not a manifest/],
      ["an include that is missing", { "manifest.json": { include: "./none.json" } }, /none\.json/],
      ["a module without a source", { "manifest.json": { modules: { main: "./none" } } }, /no source for module main/],
      ["a wildcard", { "manifest.json": { modules: { "lib/*": "./lib/*" } } }, /one by one/],
      [
        "a specifier mapped to two files",
        { "manifest.json": { modules: { a: ["./one", "./two"] } }, "one.ts": "", "two.ts": "" },
        /a is mapped to/,
      ],
      ["an unknown variable", { "manifest.json": { modules: { a: "$(NOWHERE)/a" } } }, /unknown variable/],
      ["a path that is no text", { "manifest.json": { modules: { a: 5 } } }, /a path or an array of paths/],
      ["data that is missing", { "manifest.json": { data: { "*": "./none" } } }, /no data file/],
      ["a manifest without main", { "manifest.json": {} }, /no manifest lists the module main/],
      [
        "preload of what is no module",
        { "manifest.json": { ...main, preload: "other" }, "main.ts": "" },
        /preload names other/,
      ],
      [
        "an import that no manifest lists",
        { "manifest.json": main, "main.ts": `import "./there.js";`, "there.ts": "" },
        /no manifest lists the module there/,
      ],
      [
        "an import of an SDK module that is not simulated",
        { "manifest.json": main, "main.ts": `import "commodetto/Bitmap";` },
        /no manifest lists the module commodetto\/Bitmap/,
      ],
      ["a syntax error", { "manifest.json": main, "main.ts": `let = ;` }, /main\.ts/],
    ];
    for (const [title, files, message] of cases) {
      it(title, async () => {
        await assert.rejects(
          compileFirmware({ manifest: write(files) }),
          (error) => error instanceof ManifestError && message.test(error.message),
        );
      });
    }
  });
});
