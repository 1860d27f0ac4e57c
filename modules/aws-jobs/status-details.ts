/** Limits of `statusDetails`. [AWS Jobs: UpdateJobExecution; AWS IoT Device Management quotas] */
import { AwsJobsError } from "./errors.js";
import type { StatusDetails } from "./model.js";
import { isName } from "./names.js";

/** Most pairs of `statusDetails`. */
export const MAX_STATUS_PAIRS = 10;
/**
 * In UTF-16 units. The older quota page's limit; the present API text allows 1024, and which of the two holds is not
 * certain.
 */
export const MAX_STATUS_VALUE_LENGTH = 128;
const MAX_STATUS_KEY_LENGTH = 128;

/** Throws {@link AwsJobsError} `invalid-argument` for details that the service would reject. */
export function checkStatusDetails(details: StatusDetails): void {
  const refuse = (text: string) => new AwsJobsError("invalid-argument", `statusDetails: ${text}`);
  const entries = Object.entries(details);
  if (entries.length > MAX_STATUS_PAIRS) throw refuse(`more than ${MAX_STATUS_PAIRS} pairs`);
  for (const [key, value] of entries) {
    if (!isStatusKey(key)) throw refuse("a key is empty, too long or has a character other than a-z A-Z 0-9 : _ -");
    if (typeof value !== "string") throw refuse(`${key} is not text`);
    if (value.length === 0 || value.length > MAX_STATUS_VALUE_LENGTH)
      throw refuse(`${key} is not 1 to ${MAX_STATUS_VALUE_LENGTH} long`);
    for (const character of value) if (isControl(character)) throw refuse(`${key} has a control character`);
  }
}

/** 1 to 128 of a-z A-Z 0-9 : _ - */
export function isStatusKey(key: string): boolean {
  return isName(key, MAX_STATUS_KEY_LENGTH, ":_-");
}

/**
 * Unicode's "other" class as far as it can be told without a table: controls, common format characters, surrogates,
 * private use.
 */
function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0xad || code === 0xfeff) return true;
  if ((code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f))
    return true;
  return code >= 0xd800 && code <= 0xf8ff;
}
