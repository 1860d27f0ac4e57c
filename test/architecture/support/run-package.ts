import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ROOT } from "../source-tree.js";

const require = createRequire(import.meta.url);

/** Runs a program of an installed package in the project's root. `text`: what it wrote to both of its outputs. */
export function runPackage(
  packageName: string,
  program: string,
  ...args: string[]
): { status: number | null; text: string } {
  const path = join(dirname(require.resolve(`${packageName}/package.json`)), program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { cwd: ROOT, encoding: "utf8" });
  return { status, text: stdout + stderr };
}
