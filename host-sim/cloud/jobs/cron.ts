import { invalidRequest } from "../context/fields.js";

/** Days of months and of weeks that a schedule is for; undefined where it does not say. */
interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number> | "last" | undefined;
  readonly months: ReadonlySet<number>;
  /** Sunday is 1. */
  readonly daysOfWeek: ReadonlySet<number> | undefined;
  readonly years: ReadonlySet<number>;
}

const DAY_MS = 86_400_000;
/** Days that are looked through for the next moment: two leap years fit. */
const MAX_DAYS = 8 * 366;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The moments of a schedule, in milliseconds since 1970. */
export interface Recurrence {
  /** Moments after `after`, the next first, as long as the schedule has any. */
  following(after: number): Iterable<number>;
}

/**
 * Reads `cron(minutes hours day-of-month month day-of-week year)`, in UTC: numbers, names, `*`, `?`, lists, ranges,
 * steps, and `L` as the day of the month. [AWS IoT Jobs: Recurring maintenance window]
 *
 * @throws AwsError `InvalidRequest`
 */
export function parseCron(text: string): Recurrence {
  const fields = /^cron\(([^()]{1,240})\)$/.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields;
  if (fields.length !== 6 || minutes === undefined || hours === undefined || dayOfMonth === undefined) {
    throw wrong("it is not cron(...) with six fields");
  }
  if (month === undefined || dayOfWeek === undefined || year === undefined) throw wrong("it has too few fields");
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw wrong("one of its two days has to be ?");
  const cron: Cron = {
    minutes: numbersOf(minutes, 0, 59),
    hours: numbersOf(hours, 0, 23),
    daysOfMonth: dayOfMonth === "?" ? undefined : dayOfMonth === "L" ? "last" : numbersOf(dayOfMonth, 1, 31),
    months: numbersOf(month, 1, 12, MONTHS),
    daysOfWeek: dayOfWeek === "?" ? undefined : numbersOf(dayOfWeek, 1, 7, WEEKDAYS),
    years: numbersOf(year, 1970, 2199),
  };
  return { following: (after) => following(cron, after) };
}

function* following(cron: Cron, after: number): Iterable<number> {
  const firstDay = Math.floor(after / DAY_MS);
  for (let day = firstDay; day < firstDay + MAX_DAYS; day += 1) {
    if (!isDay(cron, new Date(day * DAY_MS))) continue;
    for (const hour of [...cron.hours].sort(upwards)) {
      for (const minute of [...cron.minutes].sort(upwards)) {
        const at = day * DAY_MS + (hour * 60 + minute) * 60_000;
        if (at > after) yield at;
      }
    }
  }
}

function isDay({ daysOfMonth, months, daysOfWeek, years }: Cron, date: Date): boolean {
  if (!years.has(date.getUTCFullYear()) || !months.has(date.getUTCMonth() + 1)) return false;
  if (daysOfWeek !== undefined) return daysOfWeek.has(date.getUTCDay() + 1);
  if (daysOfMonth === "last") return new Date(date.getTime() + DAY_MS).getUTCDate() === 1;
  return daysOfMonth?.has(date.getUTCDate()) ?? false;
}

function numbersOf(field: string, least: number, most: number, names: readonly string[] = []): ReadonlySet<number> {
  const numberOf = (text: string): number => {
    const name = names.indexOf(text.toUpperCase());
    const number = name >= 0 ? name + least : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) throw wrong(`${text.slice(0, 20)} is out of place`);
    return number;
  };
  const numbers = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", stepText, ...more] = part.split("/");
    const step = stepText === undefined ? 1 : Number(/^[1-9]\d{0,3}$/.exec(stepText)?.[0]);
    if (more.length > 0 || Number.isNaN(step)) throw wrong(`${part.slice(0, 20)} is out of place`);
    const [from, to] = boundsOf(range, stepText !== undefined, least, most, numberOf);
    if (from > to) throw wrong(`${part.slice(0, 20)} ends before it begins`);
    for (let number = from; number <= to; number += step) numbers.add(number);
  }
  return numbers;
}

/** `*` is everything, a number with a step goes to the end. */
function boundsOf(
  range: string,
  hasStep: boolean,
  least: number,
  most: number,
  numberOf: (text: string) => number,
): readonly [number, number] {
  if (range === "*") return [least, most];
  const [from = "", to, ...more] = range.split("-");
  if (more.length > 0) throw wrong(`${range.slice(0, 20)} is out of place`);
  if (to !== undefined) return [numberOf(from), numberOf(to)];
  return [numberOf(from), hasStep ? most : numberOf(from)];
}

function wrong(what: string) {
  return invalidRequest(`the cron expression of a maintenance window is not valid: ${what}`);
}

const upwards = (one: number, other: number): number => one - other;
