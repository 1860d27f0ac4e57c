/**
 * `npm run manifests`: brings the lists `modules` and `preload` of the project's manifests up to its sources.
 * Everything else in them is written by hand and stays. Names the files it changed.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Manual, PROCESS_OUTPUT, parseOptions, runCommand } from "../host-sim/command-line/index.js";
import { projectManifests } from "./manifests/project-manifests.js";

const MANIFESTS: Manual = {
  name: "manifests",
  does: "Brings the lists of modules in the project's manifests up to its sources, and names the files it changed.",
  options: {},
  example: "",
  exits: { 0: "the manifests are up to date" },
};

const argv = process.argv.slice(2);
process.exitCode = await runCommand(MANIFESTS, argv, PROCESS_OUTPUT, async () => {
  parseOptions(argv, MANIFESTS.options);
  for (const { path, text, wanted } of projectManifests()) {
    if (text === wanted) continue;
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), wanted);
    process.stdout.write(`${path}\n`);
  }
  return 0;
});
