/** The little DER the TLS socket looks at before the board does the rest: the validity dates of a root certificate. */

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

const SEQUENCE = 0x30;
const UTC_TIME = 0x17;
const EXPLICIT_VERSION = 0xa0;

function elements(bytes: Uint8Array): Element[] {
  const result: Element[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const tag = bytes[offset] ?? 0;
    let length = bytes[offset + 1] ?? 0;
    offset += 2;
    if (length > 0x80) {
      const count = length & 0x7f;
      length = 0;
      for (let index = 0; index < count; index++) length = length * 256 + (bytes[offset + index] ?? 0);
      offset += count;
    }
    if (offset + length > bytes.length) throw new Error("BER: truncated");
    result.push({ tag, content: bytes.subarray(offset, offset + length) });
    offset += length;
  }
  return result;
}

function sequence(element: Element | undefined): Element[] {
  if (element?.tag !== SEQUENCE) throw new Error("BER: not a sequence");
  return elements(element.content);
}

/** Milliseconds since 1970 of a UTCTime or GeneralizedTime. */
function time(element: Element | undefined): number {
  if (element === undefined) throw new Error("BER: no time");
  const digits = Array.from(element.content, (code) => String.fromCharCode(code)).join("");
  const short = element.tag === UTC_TIME;
  const year = Number(digits.slice(0, short ? 2 : 4));
  const rest = digits.slice(short ? 2 : 4);
  const part = (index: number): number => Number(rest.slice(index * 2, index * 2 + 2));
  const fullYear = short ? year + (year < 50 ? 2000 : 1900) : year;
  return Date.UTC(fullYear, part(0) - 1, part(1), part(2), part(3), part(4));
}

/**
 * From and to of a certificate's validity, in ms since 1970. Throws for anything that is no DER certificate (PEM for
 * one).
 */
export function validityOf(certificate: Uint8Array): { readonly from: number; readonly to: number } {
  const tbs = sequence(sequence(elements(certificate)[0])[0]);
  const afterVersion = tbs[0]?.tag === EXPLICIT_VERSION ? 1 : 0;
  const validity = sequence(tbs[afterVersion + 3]);
  return { from: time(validity[0]), to: time(validity[1]) };
}
