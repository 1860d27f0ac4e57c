/**
 * What is installed, compared with what the lock file wants. Contents are compared, not times: a checkout, a copy or an
 * unpacked archive gives files any time.
 */
import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean, resolved?: string }} LockedPackage */

/** npm writes this file at the end of a complete install; an interrupted one leaves it out. */
const INSTALLED = join("node_modules", ".package-lock.json");
const LOCK = "package-lock.json";
const FOLDER = "node_modules/";

/**
 * The packages that a lock file puts below `node_modules`. Its other entries are the project and its workspaces, which
 * are there anyway.
 * @param {string} file
 * @returns {[place: string, wanted: LockedPackage][] | undefined} `undefined` for a file that is missing or damaged
 */
function packagesOf(file) {
  try {
    return Object.entries(JSON.parse(readFileSync(file, "utf8")).packages).filter(([place]) => place.includes(FOLDER));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @throws Error
 */
function wantedPackages(root) {
  const wanted = packagesOf(join(root, LOCK));
  if (wanted === undefined) throw new Error(`${LOCK} cannot be read`);
  return wanted;
}

/** @param {string} place */
const nameOf = (place) => place.slice(place.lastIndexOf(FOLDER) + FOLDER.length);

/** @param {string} root the project's folder */
export function isLink(root) {
  return lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/**
 * Why the packages in `root` are not those of its lock file, in words; `undefined` when they are. An optional package
 * may be absent: it is for another platform, or could not be built here. A package too many does no harm.
 * @param {string} root the project's folder
 * @returns {string | undefined}
 * @throws Error when the lock file is missing or damaged
 */
export function differenceFromLock(root) {
  const wantedPlaces = wantedPackages(root);
  const complete = packagesOf(join(root, INSTALLED));
  if (complete === undefined) return "no complete install is there";
  const installed = new Map(complete);
  for (const [place, wanted] of wantedPlaces) {
    const found = installed.get(place);
    const there = found !== undefined && existsSync(join(root, place));
    if (!there) {
      if (wanted.optional === true) continue;
      return `${nameOf(place)} is not installed`;
    }
    if (found.version !== wanted.version)
      return `${nameOf(place)} is installed as ${found.version}, the lock file has ${wanted.version}`;
    if (found.integrity !== wanted.integrity) return `${nameOf(place)} is installed with other contents`;
    // A workspace: with a shared node_modules the link may lead into somebody else's checkout.
    if (wanted.link === true && realpathSync(join(root, place)) !== realpathSync(join(root, wanted.resolved ?? "")))
      return `${nameOf(place)} is installed from another folder`;
  }
  return undefined;
}

/**
 * How far an install is, in words.
 * @param {string} root the project's folder
 */
export function describeProgress(root) {
  const isThere = ([place]) => existsSync(join(root, place, "package.json"));
  const wanted = wantedPackages(root);
  const complete = wanted.every((entry) => entry[1].optional === true || isThere(entry));
  if (complete) return "all packages are in place, their install scripts run (one compiles the XS engine)";
  return `${wanted.filter(isThere).length} packages are in place`;
}
