/** Limits of `statusDetails`, and how to stay within them. [AWS Jobs: UpdateJobExecution; AWS IoT Device Management quotas] */
import { AwsJobsError } from "./errors.js";
import type { StatusDetails } from "./model.js";

export const MAX_STATUS_PAIRS = 10;
export const MAX_STATUS_KEY_LENGTH = 128;
/** The older quota page's limit. The present API text allows {@link MAX_STATUS_VALUE_LENGTH_LATEST}; which one holds is not certain. */
export const MAX_STATUS_VALUE_LENGTH = 128;
export const MAX_STATUS_VALUE_LENGTH_LATEST = 1024;

/** Stands for an empty value, which the service refuses. */
const EMPTY = "-";

/**
 * Throws {@link AwsJobsError} `invalid-argument` for details that the service would reject.
 * @param maxValueLength in UTF-16 units
 */
export function checkStatusDetails(details: StatusDetails, maxValueLength = MAX_STATUS_VALUE_LENGTH): void {
  const refuse = (text: string) => new AwsJobsError("invalid-argument", `statusDetails: ${text}`);
  const entries = Object.entries(details);
  if (entries.length > MAX_STATUS_PAIRS) throw refuse(`more than ${MAX_STATUS_PAIRS} pairs`);
  for (const [key, value] of entries) {
    if (!isStatusKey(key)) throw refuse("a key is empty, too long or has a character other than a-z A-Z 0-9 : _ -");
    if (typeof value !== "string") throw refuse(`${key} is not text`);
    if (value.length === 0 || value.length > maxValueLength) throw refuse(`${key} is not 1 to ${maxValueLength} long`);
    for (const character of value) if (isControl(character)) throw refuse(`${key} has a control character`);
  }
}

/**
 * Details within the limits, whatever was given: bad keys and surplus pairs are left out, values are made printable and cut. Pairs are kept
 * in order, so put the important ones first.
 */
export function sanitizeStatusDetails(
  details: Readonly<Record<string, string | number | boolean | undefined>>,
  maxValueLength = MAX_STATUS_VALUE_LENGTH,
): StatusDetails {
  const pairs: [string, string][] = [];
  for (const [key, value] of Object.entries(details)) {
    if (value === undefined || !isStatusKey(key) || pairs.length === MAX_STATUS_PAIRS) continue;
    pairs.push([key, sanitizeStatusValue(String(value), maxValueLength)]);
  }
  return Object.fromEntries(pairs);
}

/** Printable ASCII of `text`, at least one and at most `maxLength` characters; anything else becomes "?". */
export function sanitizeStatusValue(text: string, maxLength = MAX_STATUS_VALUE_LENGTH): string {
  let value = "";
  for (const character of text) {
    if (value.length === maxLength) break;
    // Beyond ASCII only a table of Unicode could tell which characters the service takes.
    value += character >= " " && character <= "~" ? character : character === "\n" || character === "\t" ? " " : "?";
  }
  return value.length === 0 ? EMPTY : value;
}

function isStatusKey(key: string): boolean {
  if (key.length === 0 || key.length > MAX_STATUS_KEY_LENGTH) return false;
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    const letter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    const digitOrColon = code >= 0x30 && code <= 0x3a;
    if (!letter && !digitOrColon && code !== 0x5f && code !== 0x2d) return false;
  }
  return true;
}

/** Unicode's "other" class as far as it can be told without a table: controls, common format characters, surrogates, private use. */
function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0xad || code === 0xfeff) return true;
  if ((code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f))
    return true;
  return code >= 0xd800 && code <= 0xf8ff;
}
