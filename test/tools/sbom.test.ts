import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BomError, namedBom } from "../../tools/sbom/named-bom.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const sbom = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["--import", LOADER, join(ROOT, "tools/sbom.ts"), ...args], { encoding: "utf8" });

type Component = { readonly name: string; readonly version: string; readonly purl: string };
type Bom = {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
};

const document = (purl: unknown) =>
  JSON.stringify({ bomFormat: "CycloneDX", metadata: { component: { name: "folder", purl } }, components: [] });

describe("npm run sbom", () => {
  it("lists each package of the lock file once, under the name it really has", () => {
    const folder = mkdtempSync(join(tmpdir(), "sbom-"));
    try {
      const out = join(folder, "new", "sbom.json");
      const { status, stderr } = sbom("--out", out);
      assert.equal(status, 0, stderr);
      const bom: Bom = JSON.parse(readFileSync(out, "utf8"));
      assert.equal(bom.bomFormat, "CycloneDX");
      assert.equal(bom.metadata.component.name, "moddable-aws-fota");
      const lock: { packages: Record<string, { version?: string; link?: boolean; name?: string }> } = JSON.parse(
        readFileSync(join(ROOT, "package-lock.json"), "utf8"),
      );
      const locked = Object.entries(lock.packages).flatMap(([place, { version, link, name }]) =>
        place === "" || link === true ? [] : [`${name ?? place.replace(/^.*node_modules\//, "")}@${version}`],
      );
      const listed = bom.components.map(({ name, version }) => `${name}@${version}`);
      assert.deepEqual([...new Set(listed)].sort(), [...new Set(locked)].sort());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("says what of its arguments is wrong", () => {
    for (const [args, text] of [
      [["--out"], /^sbom: Option '--out <value>' argument missing\n$/],
      [["--json"], /^sbom: Unknown option '--json'/],
      [["--out", "a", "b"], /^sbom: Unexpected argument 'b'/],
    ] as const) {
      const { status, stderr } = sbom(...args);
      assert.equal(status, 2);
      assert.match(stderr, text);
    }
  });

  it("takes names from package URLs, with their scope", () => {
    const { text } = namedBom(document("pkg:npm/%40scope/name@1.0.0-rc.1"));
    assert.match(text, /"name": "@scope\/name"/);
  });

  for (const [what, text] of [
    ["no JSON", "npm error"],
    ["another format", '{"spdxVersion":"SPDX-2.3"}'],
    ["no components", '{"bomFormat":"CycloneDX"}'],
    ["a component without package URL", document(undefined)],
    ["a component of another kind", document("pkg:deb/a@1")],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => namedBom(text), BomError);
    });
  }
});
