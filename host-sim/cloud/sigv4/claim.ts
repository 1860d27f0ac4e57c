import { type CloudRequest, queryPairs } from "../message/message.js";
import { ALGORITHM, parseAmzDate, type Scope } from "./signature.js";
import { SignatureError } from "./signature-error.js";

/** Longest life of a presigned URL: seven days. */
const MAX_EXPIRES_SEC = 604_800;

/**
 * What a request says about its signature, in its Authorization header or in its query; nothing of it is checked but
 * its form.
 */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
  readonly expiresSec?: number;
  readonly token: string | undefined;
}

/** Errors: {@link SignatureError} `missing` without a signature, `malformed`, `unsigned-headers`. */
export function readClaim(request: CloudRequest): Claim {
  const claim = readHeaderOrQuery(request);
  checkSignedHeaders(request, claim);
  return claim;
}

function readHeaderOrQuery(request: CloudRequest): Claim {
  const header = request.headers.authorization;
  if (isOldVersion(header, request.query)) {
    const message = `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`;
    throw new SignatureError("old-version", message);
  }
  if (header !== undefined) return readHeader(header, request);
  if (!request.query.includes("X-Amz-")) throw new SignatureError("missing", "Missing Authentication Token");
  return readQuery(request);
}

/** Signature Version 2, of which old tools still make URLs: S3 names what it wants instead. */
function isOldVersion(header: string | undefined, query: string): boolean {
  if (header !== undefined) return header.startsWith("AWS ");
  return /(?:^|&)AWSAccessKeyId=/.test(query) && /(?:^|&)Signature=/.test(query);
}

/**
 * S3 takes no `x-amz-` header that the signer did not see: who holds a presigned URL could otherwise give the object an
 * owner, a class or metadata. A name that is listed twice would make the signed text longer than the request.
 */
function checkSignedHeaders(request: CloudRequest, { signedHeaders, scope }: Claim): void {
  const signed = new Set(signedHeaders);
  if (signed.size !== signedHeaders.length) throw new SignatureError("malformed", "SignedHeaders names a header twice");
  if (scope.service !== "s3") return;
  const unsigned = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-") && !signed.has(name));
  if (unsigned.length === 0) return;
  throw new SignatureError("unsigned-headers", "There were headers present in the request which were not signed", {
    HeadersNotSigned: unsigned.join(", "),
  });
}

function readHeader(header: string, request: CloudRequest): Claim {
  const malformed = (what: string) => new SignatureError("malformed", `The authorization header is malformed: ${what}`);
  if (!header.startsWith(`${ALGORITHM} `)) throw malformed(`only ${ALGORITHM} is supported`);
  const fields = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length + 1).split(",")) {
    const at = part.indexOf("=");
    if (at > 0) fields.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const signedHeaders = (fields.get("SignedHeaders") ?? "").split(";");
  const signature = fields.get("Signature");
  const amzDate = request.headers["x-amz-date"];
  if (signature === undefined || !signedHeaders.includes("host")) throw malformed("SignedHeaders or Signature");
  if (amzDate === undefined || parseAmzDate(amzDate) === undefined) throw malformed("X-Amz-Date");
  return {
    ...readCredential(fields.get("Credential") ?? "", amzDate, malformed),
    signedHeaders,
    signature,
    amzDate,
    token: request.headers["x-amz-security-token"],
  };
}

function readQuery(request: CloudRequest): Claim {
  const malformed = (what: string) =>
    new SignatureError("malformed", `Query-string authentication: ${what} is wrong or missing`);
  const fields = new Map<string, string>();
  for (const [name, value] of queryPairs(request.query)) {
    // A repeated parameter could be read one way by the verifier and another way by a service.
    if (name.startsWith("X-Amz-") && fields.has(name)) throw malformed(name);
    fields.set(name, value);
  }
  if (fields.get("X-Amz-Algorithm") !== ALGORITHM) throw malformed("X-Amz-Algorithm");
  const signature = fields.get("X-Amz-Signature");
  const amzDate = fields.get("X-Amz-Date");
  const signedHeaders = (fields.get("X-Amz-SignedHeaders") ?? "").split(";");
  const expires = fields.get("X-Amz-Expires") ?? "";
  if (signature === undefined) throw malformed("X-Amz-Signature");
  if (amzDate === undefined || parseAmzDate(amzDate) === undefined) throw malformed("X-Amz-Date");
  if (!signedHeaders.includes("host")) throw malformed("X-Amz-SignedHeaders");
  if (!/^\d{1,7}$/.test(expires) || Number(expires) < 1 || Number(expires) > MAX_EXPIRES_SEC)
    throw malformed("X-Amz-Expires");
  return {
    ...readCredential(fields.get("X-Amz-Credential") ?? "", amzDate, malformed),
    signedHeaders,
    signature,
    amzDate,
    expiresSec: Number(expires),
    token: fields.get("X-Amz-Security-Token"),
  };
}

function readCredential(
  text: string,
  amzDate: string,
  malformed: (what: string) => SignatureError,
): { accessKeyId: string; scope: Scope } {
  const [accessKeyId, date, region, service, end, more] = text.split("/");
  if (!accessKeyId || !date || !region || !service || end !== "aws4_request" || more !== undefined)
    throw malformed("Credential");
  if (date !== amzDate.slice(0, 8)) throw malformed("Credential");
  return { accessKeyId, scope: { date, region, service } };
}
