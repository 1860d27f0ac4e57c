/**
 * Runs one of the project's TypeScript programs from a fresh clone: installs the packages when they are not those of
 * the lock file, then starts the program with the TypeScript loader. Plain JavaScript without dependencies, because
 * nothing is installed yet when it runs.
 *
 * Usage: node host-sim/bootstrap.mjs PROGRAM.ts [ARGUMENT...]
 *
 * Exit code: the program's; 1 when the packages cannot be installed, 2 without a program.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describeProgress, differenceFromLock, isLink } from "./installed-packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const PROGRESS_MS = 2000;

// Standard output belongs to the program (it may be read by another one), so everything else goes to standard error.
const say = (text) => process.stderr.write(`${text}\n`);

/** A terminal delivers Ctrl-C to the whole group: the child decides what it means, this process only waits for it. */
function waitFor(child) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

async function install() {
  const started = Date.now();
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    say(`  ${seconds} s: ${describeProgress(root)}`);
  }, PROGRESS_MS);
  try {
    // The programs need all kinds, whatever this computer's npm is used to leave out.
    const kinds = ["--include=dev", "--include=optional"];
    const npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error", ...kinds], {
      cwd: root,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    });
    const code = await waitFor(npm);
    if (code === 0) return;
    say("npm ci failed; see the lines above.");
    process.exit(code > 128 ? code : 1);
  } catch (error) {
    say(`npm cannot be started: ${error.message}`);
    process.exit(1);
  } finally {
    clearInterval(progress);
  }
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  say("usage: node host-sim/bootstrap.mjs PROGRAM.ts [ARGUMENT...]");
  process.exit(2);
}

function difference() {
  try {
    return differenceFromLock(root);
  } catch (error) {
    say(error.message);
    process.exit(1);
  }
}

const reason = difference();
if (reason !== undefined) {
  if (isLink(root)) {
    // npm ci begins by emptying the folder that the link leads to, which belongs to somebody else.
    say(`node_modules is a link, and ${reason}. Run npm ci where it leads to, or remove the link.`);
    process.exit(1);
  }
  say(`Installing packages (${reason}) ...`);
  await install();
}

const loader = pathToFileURL(join(root, "node_modules", "tsx", "dist", "loader.mjs")).href;
const child = spawn(process.execPath, ["--import", loader, join(root, program), ...args], { stdio: "inherit" });
process.exitCode = await waitFor(child);
