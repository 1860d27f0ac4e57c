import { timingSafeEqual } from "node:crypto";
import { type CloudRequest, queryPairs } from "../message/message.js";
import { type Claim, readClaim } from "./claim.js";
import type { KnownCredentials } from "./credentials.js";
import {
  canonicalRequest,
  parseAmzDate,
  type Scope,
  sha256Hex,
  signRequestText,
  UNSIGNED_PAYLOAD,
} from "./signature.js";
import { SignatureError } from "./signature-error.js";

/** How far a signed request's date may be from the server's clock. */
const MAX_SKEW_MS = 15 * 60_000;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** What a valid signature proves. */
export interface Verified {
  readonly credentials: KnownCredentials;
  readonly scope: Scope;
  readonly amzDate: string;
  readonly signature: string;
  readonly presigned: boolean;
  /** Value that was signed for the body: a SHA-256 in hex, `UNSIGNED-PAYLOAD` or one of `STREAMING-...`. */
  readonly payload: string;
}

export interface VerifyContext {
  find(accessKeyId: string): KnownCredentials | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly region: string;
}

/** Service name in the request's signature, without checking anything; what routes a request on the shared port. */
export function signedService(request: CloudRequest): string | undefined {
  try {
    return readClaim(request).scope.service;
  } catch {
    return undefined;
  }
}

/**
 * Checks what the headers and the query of a request say, before its body is read. Without a hash of the body among
 * them (all services but S3 may leave it out) the signature itself is for {@link verifySignature}. Throws {@link
 * SignatureError}.
 */
export function verifyHead(request: CloudRequest, context: VerifyContext): void {
  const claim = readClaim(request);
  const known = knownSigner(claim, context);
  const payload = announcedPayload(request, claim);
  if (payload !== undefined) checkSignature(request, claim, known, payload);
  checkTime(claim, known, context.now);
}

/** Checks the signature of a request, in its Authorization header or in its query. Throws {@link SignatureError}. */
export function verifySignature(request: CloudRequest, context: VerifyContext): Verified {
  const claim = readClaim(request);
  const known = knownSigner(claim, context);
  const payload = announcedPayload(request, claim) ?? sha256Hex(request.body);
  checkSignature(request, claim, known, payload);
  checkTime(claim, known, context.now);
  if (SHA256_HEX.test(payload) && sha256Hex(request.body) !== payload) {
    throw new SignatureError(
      "wrong-body",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const { scope, amzDate, signature } = claim;
  return { credentials: known, scope, amzDate, signature, presigned: claim.expiresSec !== undefined, payload };
}

/** The pair that the claim names, after everything was checked that needs no arithmetic. */
function knownSigner(claim: Claim, context: VerifyContext): KnownCredentials {
  const known = context.find(claim.accessKeyId);
  if (known === undefined) {
    throw new SignatureError("unknown-key", "The security token included in the request is invalid.", {
      AWSAccessKeyId: claim.accessKeyId,
    });
  }
  if (claim.scope.region !== context.region) {
    throw new SignatureError(
      "wrong-region",
      `the region '${claim.scope.region}' is wrong; expecting '${context.region}'`,
      {
        Region: context.region,
      },
    );
  }
  if ((known.sessionToken ?? "") !== (claim.token ?? "")) {
    throw new SignatureError("wrong-token", "The provided token is malformed or otherwise invalid.");
  }
  return known;
}

function checkSignature(request: CloudRequest, claim: Claim, known: KnownCredentials, payload: string): void {
  const canonical = canonicalOf(request, claim, payload);
  const expected = signRequestText(known.secretAccessKey, claim.scope, claim.amzDate, canonical);
  if (equalText(expected, claim.signature)) return;
  throw new SignatureError(
    "mismatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    { AWSAccessKeyId: claim.accessKeyId, SignatureProvided: claim.signature },
  );
}

function checkTime(claim: Claim, known: KnownCredentials, now: number): void {
  checkDate(claim, now);
  if (known.endsAt !== undefined && known.endsAt <= now) {
    throw new SignatureError("expired-token", "The provided token has expired.");
  }
}

function checkDate(claim: Claim, now: number): void {
  const signedAt = parseAmzDate(claim.amzDate) ?? Number.NaN;
  const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  if (claim.expiresSec === undefined) {
    if (Math.abs(now - signedAt) <= MAX_SKEW_MS) return;
    throw new SignatureError("skewed", "The difference between the request time and the current time is too large.", {
      RequestTime: claim.amzDate,
      ServerTime: iso(now),
      MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
    });
  }
  if (signedAt - now > MAX_SKEW_MS) {
    throw new SignatureError("expired", "Request is not yet valid", { ServerTime: iso(now) });
  }
  const endsAt = signedAt + claim.expiresSec * 1000;
  if (now >= endsAt) {
    throw new SignatureError("expired", "Request has expired", {
      "X-Amz-Expires": String(claim.expiresSec),
      Expires: iso(endsAt),
      ServerTime: iso(now),
    });
  }
}

function canonicalOf(request: CloudRequest, claim: Claim, payloadHash: string): string {
  return canonicalRequest({
    method: request.method,
    path: request.path,
    query: queryPairs(request.query).filter(([name]) => name !== "X-Amz-Signature"),
    signedHeaders: claim.signedHeaders,
    header: (name) => request.headers[name] ?? "",
    payloadHash,
    service: claim.scope.service,
  });
}

/** What the request says was signed for its body; undefined when only the body itself can tell. */
function announcedPayload(request: CloudRequest, claim: Claim): string | undefined {
  const header = request.headers["x-amz-content-sha256"];
  const isS3 = claim.scope.service === "s3";
  if (header === undefined) {
    if (claim.expiresSec !== undefined) return UNSIGNED_PAYLOAD;
    if (!isS3) return undefined;
    throw new SignatureError("no-hash", "Missing required header for this request: x-amz-content-sha256");
  }
  if (isS3 && header !== UNSIGNED_PAYLOAD && !SHA256_HEX.test(header) && !/^STREAMING-[A-Z0-9-]{1,60}$/.test(header)) {
    throw new SignatureError(
      "bad-hash",
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, one of STREAMING-..., or a valid sha256 value.",
    );
  }
  return header;
}

function equalText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
