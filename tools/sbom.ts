/**
 * `npm run sbom`: a bill of materials of the lock file in the form CycloneDX, without a network. npm makes it itself
 * (10 or newer), so that no package has to be trusted for the list of packages that are trusted.
 *
 *     npm run sbom                     into build/sbom.cdx.json
 *     npm run sbom -- --out FILE       elsewhere
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Manual, optionalText, PROCESS_OUTPUT, parseOptions, runCommand } from "../host-sim/command-line/index.js";
import { namedBom } from "./sbom/named-bom.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DEFAULT_FILE = "build/sbom.cdx.json";
const MAX_BOM_BYTES = 64 * 1024 * 1024;

const SBOM: Manual = {
  name: "sbom",
  does: "Writes a bill of materials of the lock file in the form CycloneDX, made by npm, without a network.",
  options: { out: { type: "string", value: "FILE", does: `where (default ${DEFAULT_FILE})` } },
  example: "--out sbom.json",
  exits: { 0: "the file is written", 1: "npm's part of it fails (it needs npm 10 or newer)" },
};

const argv = process.argv.slice(2);
process.exitCode = await runCommand(SBOM, argv, PROCESS_OUTPUT, async () => {
  const file = optionalText(parseOptions(argv, SBOM.options), "out") ?? DEFAULT_FILE;
  process.stderr.write("npm reads the lock file ...\n");
  const npm = spawnSync("npm", ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--offline"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: MAX_BOM_BYTES,
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    process.stderr.write(npm.stderr);
    throw new Error("npm sbom failed; it needs npm 10 or newer");
  }
  const bom = namedBom(npm.stdout);
  const out = resolve(file);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bom.text);
  process.stdout.write(`${out}: ${bom.components} packages\n`);
  return 0;
});
