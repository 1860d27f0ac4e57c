import { actualObjectSize, classifyError } from "./error-body.js";
import type { FotaDownloadErrorCode } from "./errors.js";
import { isEntityTag } from "./fota-download-options.js";
import { type AskedRange, isStrong } from "./range-plan.js";

/** The response headers that are looked at, lower case as the SDK's client wants them. */
export const CHECKED_HEADERS: readonly string[] = Object.freeze([
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "date",
  "etag",
  "location",
  "retry-after",
  "transfer-encoding",
]);

/** What is known about the content before the response. */
export type KnownContent = {
  /** From the job document or an earlier response, bytes. */
  readonly size: number | undefined;
  /** True when `size` is what the caller demands, not what a server said. */
  readonly sizeDemanded: boolean;
  readonly etag: string | undefined;
  readonly maxSize: number;
};

export type ResponseVerdict =
  /**
   * The body is content: skip the first `skip` bytes, then take the rest of `length`. With `restart` it begins at byte
   * 0 again.
   */
  | {
      readonly kind: "content";
      readonly size: number;
      readonly etag: string | undefined;
      readonly restart: boolean;
      readonly skip: number;
      readonly length: number;
      /** More of the content follows, and the end of this body is certain, so the connection can be asked again. */
      readonly reusable: boolean;
    }
  /** The content is not, or cannot be, the one that was begun: ask again from byte 0. */
  | { readonly kind: "changed"; readonly detail: string }
  /** There is nothing after the offset: all of it was there already. */
  | { readonly kind: "complete"; readonly size: number }
  | { readonly kind: "redirect"; readonly location: string }
  /** No content; the beginning of the body says why. */
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "error"; readonly code: FotaDownloadErrorCode; readonly detail: string };

export type ResponseHeaders = { get(name: string): string | undefined };

const REDIRECTS: readonly number[] = Object.freeze([301, 302, 303, 307, 308]);
const MAX_LOCATION_LENGTH = 4096;

/** Decides what a response to `asked` means. The SDK's client treats no status as an error. */
export function checkResponse(
  status: number,
  headers: ResponseHeaders,
  asked: AskedRange,
  known: KnownContent,
): ResponseVerdict {
  if (status === 206) return checkPartial(headers, asked, known);
  if (status === 200) return checkWhole(headers, asked, known);
  if (REDIRECTS.includes(status)) {
    const location = headers.get("location");
    // S3's PermanentRedirect has no Location; its body tells why, and nothing can be followed.
    if (location === undefined || location.length > MAX_LOCATION_LENGTH) return { kind: "refused", status };
    return { kind: "redirect", location };
  }
  if (status === 412 && asked.ifMatch !== undefined) return { kind: "changed", detail: "entity tag no longer matches" };
  if (status === 416) return checkUnsatisfiable(unsatisfiedSize(headers.get("content-range")), asked, known);
  if (status >= 400 && status <= 599) return { kind: "refused", status };
  return bad(`unexpected status ${Number.isInteger(status) ? status : "line"}`);
}

function bad(detail: string): ResponseVerdict {
  return { kind: "error", code: "bad-response", detail };
}

function checkPartial(headers: ResponseHeaders, asked: AskedRange, known: KnownContent): ResponseVerdict {
  const range = parseContentRange(headers.get("content-range"));
  if (range === undefined) return bad("206 without a usable Content-Range");
  if (range.start !== asked.start) return bad(`range starts at ${range.start} instead of ${asked.start}`);
  if (asked.end !== undefined && range.end > asked.end) return bad("range is longer than asked for");
  const size = range.size ?? known.size;
  if (size === undefined) return bad("length of the content unknown");
  if (range.end >= size && range.size !== undefined) return bad("range ends beyond the content");
  const length = range.end - range.start + 1;
  const problem = checkFraming(headers, length) ?? checkSize(size, asked, known) ?? checkTag(headers, asked, known);
  if (problem !== undefined) return problem;
  if (range.end >= size) return bad("range ends beyond the content");
  const etag = entityTag(headers) ?? known.etag;
  const reusable = range.end < size - 1 && !isChunked(headers) && contentLength(headers) !== undefined;
  return { kind: "content", size, etag, restart: false, skip: 0, length, reusable };
}

/**
 * The whole content, although a range was asked for: never appended. Skipped up to the offset when a strong entity tag
 * proves it to be the same content, taken from byte 0 otherwise.
 */
function checkWhole(headers: ResponseHeaders, asked: AskedRange, known: KnownContent): ResponseVerdict {
  const declared = isChunked(headers) ? undefined : contentLength(headers);
  const size = declared ?? known.size;
  if (size === undefined) return bad("length of the content unknown");
  const problem = checkFraming(headers, size) ?? checkLimits(size, known);
  if (problem !== undefined) return problem;
  const etag = entityTag(headers);
  const same = etag !== undefined && isStrong(etag) && etag === known.etag && size > asked.start;
  const restart = asked.start > 0 && !same;
  return { kind: "content", size, etag, restart, skip: restart ? 0 : asked.start, length: size, reusable: false };
}

/** What a 416 means, once the content's length is known. [RFC 9110 15.5.17] */
function checkUnsatisfiable(size: number | undefined, asked: AskedRange, known: KnownContent): ResponseVerdict {
  if (size === undefined) return { kind: "refused", status: 416 };
  if (asked.start === 0) return { kind: "error", code: "range-not-satisfiable", detail: `no byte of ${size} sent` };
  const problem = checkSize(size, asked, known);
  if (problem !== undefined) return problem;
  if (size === asked.start) return { kind: "complete", size };
  if (size < asked.start) return { kind: "changed", detail: "content is shorter than the offset" };
  return { kind: "error", code: "range-not-satisfiable", detail: `offset ${asked.start} of ${size} refused` };
}

/**
 * Decides on a "refused" response once the beginning of its body is there.
 * @param body possibly empty or cut
 */
export function checkRefusal(status: number, body: string, asked: AskedRange, known: KnownContent): ResponseVerdict {
  if (status !== 416) return { kind: "error", ...classifyError(status, body) };
  const size = actualObjectSize(body);
  if (size !== undefined) return checkUnsatisfiable(size, asked, known);
  if (asked.start > 0) return { kind: "changed", detail: "offset refused without a length" };
  return { kind: "error", code: "range-not-satisfiable", detail: "status 416" };
}

/** Compares the content's length with what the caller demands. */
function checkLimits(size: number, known: KnownContent): ResponseVerdict | undefined {
  if (known.sizeDemanded && known.size !== undefined && size !== known.size) {
    return { kind: "error", code: "size-mismatch", detail: `${size} bytes, not ${known.size}` };
  }
  if (size > known.maxSize)
    return { kind: "error", code: "too-large", detail: `${size} bytes, limit ${known.maxSize}` };
  return size === 0 ? bad("empty content") : undefined;
}

function checkSize(size: number, asked: AskedRange, known: KnownContent): ResponseVerdict | undefined {
  const problem = checkLimits(size, known);
  if (problem !== undefined) return problem;
  if (asked.start > 0 && known.size !== undefined && size !== known.size) {
    return { kind: "changed", detail: "length changed" };
  }
  return undefined;
}

function checkTag(headers: ResponseHeaders, asked: AskedRange, known: KnownContent): ResponseVerdict | undefined {
  const etag = headers.get("etag");
  if (asked.start === 0 || known.etag === undefined || etag === undefined || etag === known.etag) return undefined;
  return { kind: "changed", detail: "entity tag changed" };
}

/** The body as sent must be the bytes of the content, `length` of them. */
function checkFraming(headers: ResponseHeaders, length: number): ResponseVerdict | undefined {
  const encoding = headers.get("content-encoding") ?? "";
  if (encoding !== "" && encoding.toLowerCase() !== "identity") return bad("content is encoded");
  const transfer = headers.get("transfer-encoding");
  if (transfer !== undefined) {
    return isChunked(headers) ? undefined : bad("unknown transfer encoding");
  }
  if (headers.get("content-length") === undefined) return undefined;
  const declared = contentLength(headers);
  if (declared === undefined) return bad("unusable Content-Length");
  return declared === length ? undefined : bad(`Content-Length ${declared} for ${length} bytes`);
}

function isChunked(headers: ResponseHeaders): boolean {
  return headers.get("transfer-encoding")?.toLowerCase() === "chunked";
}

function contentLength(headers: ResponseHeaders): number | undefined {
  return wholeNumber(headers.get("content-length"));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function entityTag(headers: ResponseHeaders): string | undefined {
  const etag = headers.get("etag");
  return etag !== undefined && isEntityTag(etag) ? etag : undefined;
}

type ContentRange = { readonly start: number; readonly end: number; readonly size: number | undefined };

/** `bytes first-last/length`, where the length may be `*`. [RFC 9110 14.4] */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text ?? "");
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = Number(match[2]);
  return end < start ? undefined : { start, end, size: wholeNumber(match[3]) };
}

function unsatisfiedSize(text: string | undefined): number | undefined {
  return wholeNumber(/^bytes \*\/(\d{1,15})$/i.exec(text ?? "")?.[1]);
}
