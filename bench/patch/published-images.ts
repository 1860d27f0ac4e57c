/** Firmware that npm ships at several versions: fetched when it is measured, and never kept. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zipEntry } from "./zip.js";

export interface ImagePair {
  readonly name: string;
  /** Absent: the image is compressed. */
  readonly from?: Uint8Array;
  readonly to: Uint8Array;
  /** Patch beside that of bsdiff and xz, at most. */
  readonly mostOfBsdiff?: number;
  /** Patch beside the image, at most. */
  readonly mostOfImage?: number;
}

interface Published {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly hub: string;
}

const PACKAGE = "@pybricks/firmware";
const PUBLISHED: readonly Published[] = [
  { name: "Prime Hub 7.27 to 7.28 (ARM)", from: "7.27.0", to: "7.28.0", hub: "primehub" },
  { name: "Essential Hub 7.27 to 7.28 (ARM)", from: "7.27.0", to: "7.28.0", hub: "essentialhub" },
  { name: "Technic Hub 7.27 to 7.28 (ARM)", from: "7.27.0", to: "7.28.0", hub: "technichub" },
  { name: "City Hub 7.27 to 7.28 (ARM)", from: "7.27.0", to: "7.28.0", hub: "cityhub" },
  { name: "Prime Hub 7.22 to 7.28 (ARM)", from: "7.22.0", to: "7.28.0", hub: "primehub" },
];
const MOST_OF_BSDIFF = 1.25;
const FETCH_TIMEOUT_MS = 120_000;

/** The pairs, and the names of those that could not be had, with the reason. */
export function publishedPairs(folder: string): { readonly pairs: ImagePair[]; readonly missing: string[] } {
  const packages = new Map<string, string | undefined>();
  for (const version of PUBLISHED.flatMap(({ from, to }) => [from, to]))
    if (!packages.has(version)) packages.set(version, fetched(folder, version));
  const pairs: ImagePair[] = [];
  const missing: string[] = [];
  for (const { name, from, to, hub } of PUBLISHED) {
    const [before, after] = [packages.get(from), packages.get(to)].map((path) => path && imageOf(path, hub));
    if (before && after) pairs.push({ name, from: before, to: after, mostOfBsdiff: MOST_OF_BSDIFF });
    else missing.push(`${name}: npm does not give ${PACKAGE} ${from} and ${to} here`);
  }
  const last = pairs.at(0);
  if (last !== undefined) pairs.push({ name: "Prime Hub 7.28 without a base", to: last.to, mostOfImage: 0.8 });
  return { pairs, missing };
}

/** Where the package lies, unpacked; `undefined` without a network. Nothing of it is run. */
function fetched(folder: string, version: string): string | undefined {
  const target = join(folder, version);
  mkdirSync(target, { recursive: true });
  const options = { cwd: target, timeout: FETCH_TIMEOUT_MS };
  if (spawnSync("npm", ["pack", "--ignore-scripts", `${PACKAGE}@${version}`], options).status !== 0) return undefined;
  const archive = `pybricks-firmware-${version}.tgz`;
  return spawnSync("tar", ["xzf", archive], options).status === 0 ? join(target, "package") : undefined;
}

function imageOf(path: string, hub: string): Uint8Array | undefined {
  return zipEntry(readFileSync(join(path, "build", `${hub}.zip`)), "firmware-base.bin");
}
