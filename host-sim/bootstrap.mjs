/**
 * Runs one of the project's TypeScript programs from a fresh clone: installs the packages when they are missing or older than
 * the lock file, then starts the program with the TypeScript loader. Plain JavaScript without dependencies, because nothing is
 * installed yet when it runs.
 *
 * Usage: node host-sim/bootstrap.mjs PROGRAM.ts [ARGUMENT...]
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** npm writes this file at the end of a complete install; an interrupted one leaves it out or old. */
const INSTALLED = join(root, "node_modules", ".package-lock.json");
const LOCK = join(root, "package-lock.json");

function installed() {
  return existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs;
}

if (!installed()) {
  process.stderr.write("Installing packages (first run, or the lock file changed) ...\n");
  // Standard output belongs to the program (it may be read by another one), so npm's goes to standard error.
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    process.stderr.write("npm ci failed; see the lines above.\n");
    process.exit(1);
  }
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write("usage: node host-sim/bootstrap.mjs PROGRAM.ts [ARGUMENT...]\n");
  process.exit(2);
}

const loader = pathToFileURL(join(root, "node_modules", "tsx", "dist", "loader.mjs")).href;
const child = spawn(process.execPath, ["--import", loader, join(root, program), ...args], { stdio: "inherit" });
// A terminal delivers Ctrl-C to the whole group: the child decides what it means, this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + 2));
