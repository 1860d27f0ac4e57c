/** Longest version string that is taken from a document or an image. The application descriptor holds 31 characters. */
export const MAX_VERSION_LENGTH = 64;

/** How a candidate stands to the running version. "unordered": the strings differ, but their order cannot be told. */
export type VersionOrder = "older" | "same" | "newer" | "unordered";

/** The same, "-" for none: what the record and the service take must not be empty. */
export function namedVersion(text: string): string {
  const version = normalizeVersion(text);
  return version === "" ? "-" : version;
}

type ParsedVersion = { readonly numbers: readonly number[]; readonly suffix: string };

const dottedPattern = () => /^(\d{1,9}(?:\.\d{1,9}){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** "v1.0.2" and "1.0.2" name the same version: the Nordic documents write the first, ESP-IDF's descriptor the second. */
export function normalizeVersion(text: string): string {
  const trimmed = text.trim();
  return /^[vV]\d/.test(trimmed) ? trimmed.slice(1) : trimmed;
}

function parse(text: string): ParsedVersion | undefined {
  const match = dottedPattern().exec(text);
  if (match === null) return undefined;
  return { numbers: (match[1] ?? "").split(".").map(Number), suffix: match[2] ?? "" };
}

function compareSuffix(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return 1; // 1.0.0 comes after 1.0.0-rc.1
  if (b === "") return -1;
  const left = a.split(".");
  const right = b.split(".");
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const l = left[i];
    const r = right[i];
    if (l === r) continue;
    if (l === undefined) return -1;
    if (r === undefined) return 1;
    const [isNumber, isOtherNumber] = [/^\d+$/.test(l), /^\d+$/.test(r)];
    // Numbers come before words: held against each other as text they would go round in a circle. [SemVer 11.4.3]
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
    if (isNumber && Number(l) !== Number(r)) return Number(l) - Number(r);
    return l < r ? -1 : 1;
  }
  return 0;
}

/**
 * Orders two versions by their dotted numbers (missing ones are 0), then by a pre-release suffix as Semantic Versioning does. A leading
 * "v" and build metadata after "+" do not count. Texts of another form are "same" when equal, else "unordered".
 */
export function compareVersions(candidate: string, running: string): VersionOrder {
  const a = normalizeVersion(candidate);
  const b = normalizeVersion(running);
  if (a === b) return "same";
  const left = parse(a);
  const right = parse(b);
  if (left === undefined || right === undefined) return "unordered";
  for (let i = 0; i < Math.max(left.numbers.length, right.numbers.length); i++) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference > 0 ? "newer" : "older";
  }
  const suffix = compareSuffix(left.suffix, right.suffix);
  return suffix === 0 ? "same" : suffix > 0 ? "newer" : "older";
}
