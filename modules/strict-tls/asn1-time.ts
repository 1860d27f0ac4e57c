import { GENERALIZED_TIME, malformed, UTC_TIME } from "./der.js";

const ZERO = 0x30;
const NINE = 0x39;
const Z = 0x5a;

/** Two-digit years from here on are of the last century. [RFC 5280, 4.1.2.5.1] */
const PIVOT = 50;

/**
 * Milliseconds since 1970 of a certificate's date: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, the only forms allowed. [RFC
 * 5280, 4.1.2.5]
 * @throws TlsRefusal `certificate`
 */
export function parseTime(tag: number, content: Uint8Array): number {
  const yearDigits = tag === UTC_TIME ? 2 : 4;
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) throw malformed("date");
  if (content.length !== yearDigits + 11 || content[content.length - 1] !== Z) throw malformed("date");
  const short = number(content, 0, yearDigits);
  const year = tag === UTC_TIME ? short + (short < PIVOT ? 2000 : 1900) : short;
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((at) => number(content, yearDigits + at, 2));
  if (month === undefined || day === undefined || hour === undefined || minute === undefined || second === undefined)
    throw malformed("date");
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(time);
  // Date.UTC carries the 31st of February on to March, and takes years below 100 for those of the last century.
  const kept = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!kept || hour > 23 || minute > 59 || second > 59) throw malformed("date");
  return time;
}

function number(content: Uint8Array, from: number, digits: number): number {
  let value = 0;
  for (let index = from; index < from + digits; index++) {
    const digit = content[index] ?? 0;
    if (digit < ZERO || digit > NINE) throw malformed("date");
    value = value * 10 + digit - ZERO;
  }
  return value;
}
