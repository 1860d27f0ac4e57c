/** [AWS IoT: ThingName] 1 to 128 characters. */
const MAX_THING_NAME_LENGTH = 128;
/** [AWS IoT: JobId] 1 to 64 characters. */
const MAX_JOB_ID_LENGTH = 64;

/** The one rule for names of things: 1 to 128 of a-z A-Z 0-9 : _ - */
export function isThingName(text: string): boolean {
  return isName(text, MAX_THING_NAME_LENGTH, ":_-");
}

export function isJobId(text: string): boolean {
  return isName(text, MAX_JOB_ID_LENGTH, "_-");
}

/** 1 to `maxLength` letters and digits of ASCII and characters of `punctuation`. */
export function isName(text: string, maxLength: number, punctuation: string): boolean {
  if (text.length === 0 || text.length > maxLength) return false;
  for (const character of text) {
    const letterOrDigit =
      (character >= "a" && character <= "z") ||
      (character >= "A" && character <= "Z") ||
      (character >= "0" && character <= "9");
    if (!letterOrDigit && !punctuation.includes(character)) return false;
  }
  return true;
}
