/**
 * `npm run sbom`: a bill of materials of the lock file in the form CycloneDX, without a network. npm makes it itself
 * (10 or newer), so that no package has to be trusted for the list of packages that are trusted.
 *
 *     npm run sbom                     into build/sbom.cdx.json
 *     npm run sbom -- --out FILE       elsewhere
 *
 * Exit code: 0, 1 when npm cannot make it, 2 for bad arguments.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BomError, namedBom } from "./sbom/named-bom.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAX_BOM_BYTES = 64 * 1024 * 1024;

function end(code: number, text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

const [option, file = "build/sbom.cdx.json", more] = process.argv.slice(2);
if (
  (option !== undefined && option !== "--out") ||
  more !== undefined ||
  (option === "--out" && process.argv.length < 4)
)
  end(2, "usage: npm run sbom -- [--out FILE]");

const npm = spawnSync("npm", ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--offline"], {
  cwd: ROOT,
  encoding: "utf8",
  maxBuffer: MAX_BOM_BYTES,
  shell: process.platform === "win32",
});
if (npm.status !== 0) end(1, `npm sbom failed; it needs npm 10 or newer\n${npm.stderr}`);
try {
  const bom = namedBom(npm.stdout);
  const out = resolve(file);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bom.text);
  process.stdout.write(`${out}: ${bom.components} packages\n`);
} catch (error) {
  end(1, error instanceof BomError ? error.message : String(error));
}
