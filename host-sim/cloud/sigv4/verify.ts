import { timingSafeEqual } from "node:crypto";
import { type CloudRequest, queryPairs } from "../message/message.js";
import { type Claim, readClaim } from "./claim.js";
import type { KnownCredentials } from "./credentials.js";
import {
  canonicalRequest,
  EMPTY_SHA256,
  parseAmzDate,
  type Scope,
  sha256Hex,
  signRequestText,
  UNSIGNED_PAYLOAD,
} from "./signature.js";
import { SignatureError } from "./signature-error.js";

/** How far a signed request's date may be from the server's clock. */
const MAX_SKEW_MS = 15 * 60_000;

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
    return readClaim(request)?.scope.service;
  } catch {
    return undefined;
  }
}

/** Checks the signature of a request, in its Authorization header or in its query. Throws {@link SignatureError}. */
export function verifySignature(request: CloudRequest, context: VerifyContext): Verified {
  const claim = readClaim(request);
  if (claim === undefined) throw new SignatureError("missing", "Missing Authentication Token");
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
  const payload = payloadOf(request, claim);
  const expected = signRequestText(
    known.secretAccessKey,
    claim.scope,
    claim.amzDate,
    canonicalOf(request, claim, payload),
  );
  if (!equalText(expected, claim.signature)) {
    throw new SignatureError(
      "mismatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      { AWSAccessKeyId: claim.accessKeyId, SignatureProvided: claim.signature },
    );
  }
  checkTime(claim, context.now);
  if (known.endsAt !== undefined && known.endsAt <= context.now) {
    throw new SignatureError("expired-token", "The provided token has expired.");
  }
  if (/^[0-9a-f]{64}$/.test(payload) && sha256Hex(request.body) !== payload) {
    throw new SignatureError(
      "wrong-body",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const presigned = claim.expiresSec !== undefined;
  return {
    credentials: known,
    scope: claim.scope,
    amzDate: claim.amzDate,
    signature: claim.signature,
    presigned,
    payload,
  };
}

function checkTime(claim: Claim, now: number): void {
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

function payloadOf(request: CloudRequest, claim: Claim): string {
  const header = request.headers["x-amz-content-sha256"];
  if (claim.expiresSec !== undefined) return header ?? UNSIGNED_PAYLOAD;
  if (header !== undefined) return header;
  return request.body.length === 0 ? EMPTY_SHA256 : sha256Hex(request.body);
}

function equalText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
