import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesBelow, ROOT, readText } from "./source-tree.js";

const documents = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...["docs", "examples", "modules", "tools"].flatMap((folder) => filesBelow(folder, ".md")),
].filter((path) => !path.includes("node_modules/"));
const texts = ["modules", "src", "examples", "host-sim", "operator", "test", "bench", "tools", "docs"]
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => filesBelow(folder, ".ts", ".mjs", ".c", ".h", ".md", ".json"))
  .filter((path) => !path.includes("node_modules/"))
  .concat("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "package.json", "manifest.json");

describe("documents", () => {
  it("lead only to files that exist", () => {
    const broken = documents.flatMap((path) =>
      [...readText(path).matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
        .map((target) => `${path} -> ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  it("name only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
    const named = documents.flatMap((path) =>
      [...readText(path).matchAll(/(?:`|^ *)npm (?:run )?(?!ci|install|rebuild|package|run )([a-z][a-z:0-9-]+)/gm)].map(
        ([, name = ""]) => name,
      ),
    );
    assert.deepEqual(
      [...new Set(named)].filter((name) => !Object.hasOwn(scripts, name)),
      [],
    );
  });

  it("name only project files that exist", () => {
    const missing = documents.flatMap((path) =>
      [...readText(path).matchAll(/`((?:modules|src|host-sim|test|bench|tools|docs)\/[\w./-]+\w)`/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !existsSync(join(ROOT, target)) && !existsSync(join(ROOT, `${target}.ts`)))
        .map((target) => `${path}: ${target}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe("decisions", () => {
  const files = filesBelow("docs/decisions", ".md");
  const table = /^## 5\. Decisions$([\s\S]*?)^## /m.exec(readText("docs/design.md"))?.[1] ?? "";

  it("have one row of design.md's table and one file each", () => {
    const rows = table.split("\n").filter((line) => /^\| (?!decision |-)/.test(line) && !line.startsWith("|---"));
    const linked = rows.map(
      (row) => /^\| \[[^\]]+\]\((decisions\/[\w-]+\.md)\) \| \S/.exec(row)?.[1] ?? `no link: ${row}`,
    );
    assert.deepEqual(linked.map((path) => `docs/${path}`).sort(), files.sort());
  });

  for (const path of files)
    it(`say what was decided, what was rejected and what follows, in brief: ${path}`, () => {
      const text = readText(path);
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
      assert.deepEqual(headings.slice(1), ["Context", "Decision", "Rejected", "Consequences"]);
      assert.match(text, /^- \*\*/m, "nothing was rejected");
      assert.ok(text.split("\n").length <= 40, "longer than a page");
    });
});

describe("sources", () => {
  it("cite no document that a reader of this project does not have", () => {
    const pattern = /\b(esp32-ota|aws-iot-jobs|moddable|peers|style|host-calls|cloud-api)\.md\b/;
    assert.deepEqual(
      texts.filter((path) => pattern.test(readText(path)) && !path.endsWith("documents.test.ts")),
      [],
    );
  });

  it("hold no path of one machine", () => {
    const pattern = /(^|[^A-Za-z0-9_.])\/(work|farm|root|opt)\/|\/tmp\/(team|[a-z]+\.(ts|sh|log))/m;
    assert.deepEqual(
      texts.filter((path) => pattern.test(readText(path)) && !path.endsWith("documents.test.ts")),
      [],
    );
  });

  it("say the sample's version in one place, its own manifest, for the board and the simulators", () => {
    const { config } = JSON.parse(readText("manifest.json")) as { config: { version: string } };
    assert.match(config.version, /^\d+\.\d+\.\d+$/);
    const others = texts.filter(
      (path) => /^(src|modules)\/.*(sdkconfig|manifest)/.test(path) && path.endsWith(".json"),
    );
    assert.deepEqual(
      others.filter((path) => /"version"/.test(readText(path))),
      [],
    );
  });

  it("give the library the version of its last release in the change log", () => {
    const { version } = JSON.parse(readText("package.json")) as { version: string };
    const [unreleased, released] = [...readText("CHANGELOG.md").matchAll(/^## \[(.+?)\]/gm)].map(([, name]) => name);
    assert.deepEqual([unreleased, released], ["Unreleased", version]);
    const lock = JSON.parse(readText("package-lock.json")) as { version: string };
    assert.equal(lock.version, version);
  });
});
