import type { CloudResponse } from "../message/message.js";
import { textSource } from "../message/message.js";

/** An error of S3, with the elements its XML body carries beside Code and Message. */
export class S3Error extends Error {
  override readonly name = "S3Error";
  constructor(
    readonly code: S3ErrorCode,
    message: string,
    readonly details: Readonly<Record<string, string>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
  get status(): number {
    return STATUS[this.code];
  }
}

const STATUS = Object.freeze({
  PermanentRedirect: 301,
  TemporaryRedirect: 307,
  AccessControlListNotSupported: 400,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  ExpiredToken: 400,
  IllegalLocationConstraintException: 400,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidLocationConstraint: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRequest: 400,
  InvalidToken: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedXML: 400,
  RequestTimeout: 400,
  XAmzContentSHA256Mismatch: 400,
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  MethodNotAllowed: 405,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  PreconditionFailed: 412,
  InvalidPartNumber: 416,
  InvalidRange: 416,
  InternalError: 500,
  NotImplemented: 501,
  ServiceUnavailable: 503,
  SlowDown: 503,
} as const);
export type S3ErrorCode = keyof typeof STATUS;

/**
 * Text inside an XML element. Line ends are written as numbers, because a parser changes them; what XML 1.0 has no way
 * to write, such as most control characters, becomes U+FFFD. Who lists such keys asks for `encoding-type=url`.
 */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[<>&"'\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** `<name>text</name>` for each entry, in order. */
export function xmlElements(entries: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(entries)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join("");
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The answer of an error; S3 sends these bodies chunked, and none at all for HEAD. */
export function errorResponse(
  error: Pick<S3Error, "message" | "details" | "headers" | "status"> & { readonly code: string },
  ids: { requestId: string; hostId: string },
  head: boolean,
): CloudResponse {
  const elements = {
    Code: error.code,
    Message: error.message,
    ...error.details,
    RequestId: ids.requestId,
    HostId: ids.hostId,
  };
  const body = head ? "" : `${XML_DECLARATION}<Error>${xmlElements(elements)}</Error>`;
  return {
    status: error.status,
    headers: { "content-type": "application/xml", ...error.headers },
    body: textSource(body),
    chunked: !head,
  };
}
