const DAY_MS = 86_400_000;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/**
 * When an image was built, in milliseconds since 1970: its descriptor's date ("Nov  6 2026") and time ("07:08:09"),
 * as the compiler writes them, taken as UTC: the compiler uses its computer's time zone, so that a day either way is
 * possible. Undefined when the image does not say, as without CONFIG_APP_COMPILE_TIME_DATE. [C 6.10.8.1]
 */
export function buildTimeOf(image: { readonly date: string; readonly time: string }): number | undefined {
  const date = /^([A-Z][a-z]{2}) ([ \d]\d) (\d{4})$/.exec(image.date);
  const time = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)$/.exec(image.time);
  if (date === null || time === null) return undefined;
  const [, name = "", day, year] = date;
  const month = MONTHS.indexOf(name) / 3;
  const start = Date.UTC(Number(year), month, Number(day));
  // A month that is none is a fraction or below 0, and a day outside its month leads into another.
  if (!Number.isInteger(month) || month < 0 || new Date(start).getUTCMonth() !== month) return undefined;
  const [, hours, minutes, seconds] = time;
  return start + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** Whole days from the build to `now`, both in milliseconds since 1970; negative when the build is in the future. */
export function ageInDays(built: number, now: number): number {
  return Math.floor((now - built) / DAY_MS);
}
