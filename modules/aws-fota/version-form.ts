/**
 * ESP-IDF's application descriptor holds so many characters of a version; the rest is cut off when the image is built.
 * [esp_app_desc_t]
 */
const MAX_DESCRIPTOR_VERSION = 31;

/** A version in parts that can be compared, most significant first. */
export type ParsedVersion = {
  /**
   * "numbers": dotted numbers and dates. "counter": one long number that is no date. It may as well be an abbreviated
   * commit whose digits happen to be decimal, so it is never held against the first kind.
   */
  readonly kind: "numbers" | "counter";
  /** Decimal digits without leading zeros: a time stamp may be longer than a double is exact. */
  readonly numbers: readonly string[];
  /** Semantic Versioning's pre-release; empty for none. */
  readonly preRelease: string;
  /** Commits after the tag, digits without leading zeros; "" on the tag itself. */
  readonly commits: string;
  /** The abbreviated commit; empty on the tag. */
  readonly commit: string;
  /** Built with changes that were not committed. */
  readonly dirty: boolean;
  /** It fills the descriptor and what comes behind its numbers may have been cut: only the numbers can be relied on. */
  readonly openEnded: boolean;
};

/**
 * What is compared and shown: cut as ESP-IDF cuts it, then without a leading "v". "v1.0.2" and "1.0.2" name the same
 * version: the Nordic documents write the first, ESP-IDF's descriptor the second.
 */
export function normalizeVersion(text: string): string {
  const cut = text.trim().slice(0, MAX_DESCRIPTOR_VERSION).trim();
  return /^[vV]\d/.test(cut) ? cut.slice(1) : cut;
}

const MIN_COUNTER_LENGTH = 7; // git abbreviates a commit to 7 characters or more

// Version texts are short: what these patterns try in vain is bounded by MAX_DESCRIPTOR_VERSION.
const datePattern = () =>
  /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[Tt_. -]?(\d\d):?(\d\d)(?::?(\d\d))?[Zz]?)?((?:[.-]\d+)*)(?:-([0-9A-Za-z.-]+))?$/;
const dottedPattern = () => /^(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?$/;

/** Reads a normalized version; undefined when it has no place in any order. */
export function parseVersion(text: string): ParsedVersion | undefined {
  const { name, ...rest } = splitDescribed(text);
  const form = parseDate(name) ?? parseDotted(name);
  if (form === undefined) return undefined;
  // A cut commit is still one; before it nothing was cut. The "v" that normalizing took away counts.
  const openEnded = text.length >= MAX_DESCRIPTOR_VERSION - 1 && rest.commit === "";
  return { ...form, ...rest, openEnded };
}

type Form = Pick<ParsedVersion, "kind" | "numbers" | "preRelease">;

/** Takes off what `git describe --dirty` puts behind the tag, and build metadata, which does not count. [SemVer 10] */
function splitDescribed(text: string): { name: string } & Pick<ParsedVersion, "commits" | "commit" | "dirty"> {
  const dirty = text.endsWith("-dirty");
  const clean = dirty ? text.slice(0, -"-dirty".length) : text;
  const described = /^(.+)-(\d+)-g([0-9a-f]+)$/.exec(clean);
  const commits = withoutZeros(described?.[2] ?? "");
  // `--long` names a tag's own commit, too: nothing comes after it.
  const commit = commits === "" ? "" : (described?.[3] ?? "");
  const name = (described?.[1] ?? clean).replace(/\+[0-9A-Za-z.-]+$/, "");
  return { name, commits, commit, dirty };
}

/** 20261126, 2026-11-26, with a time and with further numbers for the build of that day. */
function parseDate(text: string): Form | undefined {
  const match = datePattern().exec(text);
  if (match === null) return undefined;
  const [, year = "", , month = "", day = "", hour, minute = "", second = "", more = "", preRelease = ""] = match;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  const time = hour === undefined ? [] : [hour + minute + second];
  const further = more === "" ? [] : more.slice(1).split(/[.-]/);
  return { kind: "numbers", numbers: [year, month, day, ...time, ...further].map(withoutZeros), preRelease };
}

function isDate(year: number, month: number, day: number): boolean {
  return year >= 1970 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

function parseDotted(text: string): Form | undefined {
  const match = dottedPattern().exec(text);
  const digits = match?.[1];
  if (digits === undefined) return undefined;
  const numbers = digits.split(".");
  const kind = numbers.length === 1 && digits.length >= MIN_COUNTER_LENGTH ? "counter" : "numbers";
  return { kind, numbers: numbers.map(withoutZeros), preRelease: match?.[2] ?? "" };
}

/** Zero is empty, so that a longer text is always the larger number. */
function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, "");
}
