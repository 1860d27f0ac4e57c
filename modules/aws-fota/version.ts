import { normalizeVersion, type ParsedVersion, parseVersion } from "./version-form.js";

export { normalizeVersion } from "./version-form.js";

/** Longest version string that is taken from a document. */
export const MAX_VERSION_LENGTH = 64;

/**
 * How a candidate stands to the running version. "unordered": the versions differ, but which is newer cannot be told.
 */
export type VersionOrder = "older" | "same" | "newer" | "unordered";

/** The normalized version, "-" for none: what the record and the service take must not be empty. */
export function namedVersion(text: string): string {
  const version = normalizeVersion(text);
  return version === "" ? "-" : version;
}

/** Whether a version can be held against others; without that it is only the same as an equal text. */
export function hasOrder(version: string): boolean {
  return parseVersion(normalizeVersion(version)) !== undefined;
}

/**
 * Orders two versions: by numbers (missing ones are 0; a date is year, month and day), then by pre-release as Semantic
 * Versioning does, then by commits after the tag, then a build with changes of its own after the clean one. A partial
 * order: two commits as far from one tag, a number that may be a commit, texts of which the deciding part may be cut,
 * and texts of another form are "unordered".
 */
export function compareVersions(candidate: string, running: string): VersionOrder {
  const a = normalizeVersion(candidate);
  const b = normalizeVersion(running);
  if (a === b) return "same";
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (left === undefined || right === undefined || left.kind !== right.kind) return "unordered";
  const byNumbers = compareNumbers(left.numbers, right.numbers);
  if (byNumbers === 0 && (left.openEnded || right.openEnded)) return "unordered";
  const difference =
    byNumbers || comparePreRelease(left.preRelease, right.preRelease) || compareDigits(left.commits, right.commits);
  if (difference !== 0) return difference > 0 ? "newer" : "older";
  return compareCommit(left, right);
}

/**
 * Of two commits as far from the tag neither is known to follow the other; of one commit the build with changes follows
 * the clean one.
 */
function compareCommit(left: ParsedVersion, right: ParsedVersion): VersionOrder {
  if (left.commit !== right.commit) return "unordered";
  if (left.dirty === right.dirty) return "same";
  return left.dirty ? "newer" : "older";
}

function compareNumbers(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = compareDigits(a[i] ?? "", b[i] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Two numbers as digits without leading zeros. */
function compareDigits(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** [SemVer 11.3, 11.4] */
function comparePreRelease(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return 1; // 1.0.0 comes after 1.0.0-rc.1
  if (b === "") return -1;
  const left = a.split(".");
  const right = b.split(".");
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const l = left[i];
    const r = right[i];
    if (l === undefined) return -1;
    if (r === undefined) return 1;
    const difference = compareIdentifier(l, r);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers come before words. */
function compareIdentifier(a: string, b: string): number {
  const isNumber = /^\d+$/;
  const left = isNumber.test(a);
  const right = isNumber.test(b);
  if (left && right) return compareDigits(a.replace(/^0+/, ""), b.replace(/^0+/, ""));
  if (left !== right) return left ? -1 : 1;
  return compareText(a, b);
}
