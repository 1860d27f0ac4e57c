/**
 * `npm run manifests`: brings the lists `modules` and `preload` of the project's manifests up to its sources.
 * Everything else in them is written by hand and stays. Names the files it changed.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { projectManifests } from "./manifests/project-manifests.js";

for (const { path, text, wanted } of projectManifests()) {
  if (text === wanted) continue;
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), wanted);
  process.stdout.write(`${path}\n`);
}
