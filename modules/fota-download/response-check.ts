import { contentLength, isChunked, listOf, wholeNumber } from "../http-client/index.js";
import { actualObjectSize, classifyError } from "./error-body.js";
import type { FotaDownloadErrorCode } from "./errors.js";
import { isEntityTag } from "./fota-download-options.js";
import { type AskedRange, isStrong } from "./range-plan.js";

/** The response headers that are looked at, lower case, besides those that frame the body. */
export const CHECKED_HEADERS: readonly string[] = Object.freeze([
  "content-encoding",
  "content-range",
  "content-type",
  "date",
  "etag",
  "location",
  "retry-after",
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
  | {
      readonly kind: "error";
      readonly code: FotaDownloadErrorCode;
      readonly detail: string;
      /** The server cannot say which range it sends: it is to be asked for the whole content. */
      readonly wholeNext?: boolean;
    };

export type ResponseHeaders = { get(name: string): string | undefined };

const REDIRECTS: readonly number[] = Object.freeze([301, 302, 303, 307, 308]);
const MAX_LOCATION_LENGTH = 4096;

/** Decides what a response to `asked` means. */
export function checkResponse(
  status: number,
  headers: ResponseHeaders,
  asked: AskedRange,
  known: KnownContent,
): ResponseVerdict {
  const isWhole = asked.whole === true && headers.get("content-range") === undefined;
  if (status === 206 && !isWhole) return checkPartial(headers, asked, known);
  if (status === 200 && isPartIn200(headers, asked)) return checkPartial(headers, asked, known);
  if (status === 200 || status === 206) return checkWhole(headers, asked, known);
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

function bad(detail: string): Extract<ResponseVerdict, { kind: "error" }> {
  return { kind: "error", code: "bad-response", detail };
}

function checkPartial(headers: ResponseHeaders, asked: AskedRange, known: KnownContent): ResponseVerdict {
  const range = parseContentRange(headers.get("content-range")) ?? impliedRange(headers, asked, known);
  if (range === undefined) return { ...bad("206 without a usable Content-Range"), wholeNext: true };
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
  const reusable = range.end < size - 1 && (lengthOf(headers) ?? isChunkedBody(headers)) !== undefined;
  return { kind: "content", size, etag, restart: false, skip: 0, length, reusable };
}

/**
 * The whole content, although a range was asked for: never appended. Skipped up to the offset when a strong entity tag
 * proves it to be the same content, taken from byte 0 otherwise.
 */
function checkWhole(headers: ResponseHeaders, asked: AskedRange, known: KnownContent): ResponseVerdict {
  const size = lengthOf(headers) ?? known.size;
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

/**
 * Content codings that change no byte: `identity`, which is none, and the framing of an upload that some stores repeat
 * when they give the object out. Should the bytes be framed after all, then length or image do not hold.
 */
const PLAIN_CODINGS: readonly string[] = Object.freeze(["identity", "aws-chunked"]);

/** The body as sent must be the bytes of the content, `length` of them. */
function checkFraming(headers: ResponseHeaders, length: number): ResponseVerdict | undefined {
  if (!listOf(headers.get("content-encoding")).every((coding) => PLAIN_CODINGS.includes(coding)))
    return bad("content is encoded");
  const chunked = isChunkedBody(headers);
  if (chunked !== undefined) return chunked ? undefined : bad("unknown transfer encoding");
  if (headers.get("content-length") === undefined) return undefined;
  const declared = lengthOf(headers);
  if (declared === undefined) return bad("unusable Content-Length");
  return declared === length ? undefined : bad(`Content-Length ${declared} for ${length} bytes`);
}

function isChunkedBody(headers: ResponseHeaders): boolean | undefined {
  return isChunked(headers.get("transfer-encoding"));
}

/** As declared; in a body of chunks Content-Length says nothing. [RFC 9112 6.3] */
function lengthOf(headers: ResponseHeaders): number | undefined {
  return isChunkedBody(headers) === undefined ? contentLength(headers.get("content-length")) : undefined;
}

function entityTag(headers: ResponseHeaders): string | undefined {
  const etag = headers.get("etag");
  return etag !== undefined && isEntityTag(etag) ? etag : undefined;
}

/**
 * The part that was asked for under the status of the whole: some stores answer so. Taken for what it is only when it
 * begins where it was asked for, the lengths agree and it cannot be the whole; then digest or signature have their say.
 */
function isPartIn200(headers: ResponseHeaders, asked: AskedRange): boolean {
  const range = parseContentRange(headers.get("content-range"));
  const length = lengthOf(headers);
  if (range?.size === undefined || length === undefined || range.start !== asked.start) return false;
  return length === range.end - range.start + 1 && length < range.size;
}

type ContentRange = { readonly start: number; readonly end: number; readonly size: number | undefined };

/**
 * What a 206 without Content-Range must be: as long as all that was asked for, which is either a whole content or a
 * part of one whose length is known. [RFC 9110 15.3.7 demands the field]
 */
function impliedRange(headers: ResponseHeaders, asked: AskedRange, known: KnownContent): ContentRange | undefined {
  const length = lengthOf(headers);
  if (headers.get("content-range") !== undefined || length === undefined || length === 0) return undefined;
  // Several ranges in one body have fields and boundaries between them.
  if (/^multipart\//i.test(headers.get("content-type") ?? "")) return undefined;
  const size = known.size ?? (asked.start === 0 && asked.end === undefined ? length : undefined);
  const end = asked.end ?? (size ?? 0) - 1;
  return size !== undefined && length === end - asked.start + 1 ? { start: asked.start, end, size } : undefined;
}

/** `bytes first-last/length`, where the length may be `*`. [RFC 9110 14.4] */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const match = /^bytes\s+(\d{1,15})\s*-\s*(\d{1,15})\s*\/\s*(\d{1,15}|\*)$/i.exec(text ?? "");
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = Number(match[2]);
  return end < start ? undefined : { start, end, size: wholeNumber(match[3]) };
}

function unsatisfiedSize(text: string | undefined): number | undefined {
  return wholeNumber(/^bytes\s+\*\s*\/\s*(\d{1,15})$/i.exec(text ?? "")?.[1]);
}
