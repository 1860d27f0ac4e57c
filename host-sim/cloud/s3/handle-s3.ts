import { BodyError } from "../message/body-error.js";
import { type CloudRequest, type CloudResponse, hostOf, queryMap } from "../message/message.js";
import { decodeAwsChunked, isStreaming } from "../sigv4/aws-chunked.js";
import { SignatureError } from "../sigv4/signature-error.js";
import { type Verified, verifySignature } from "../sigv4/verify.js";
import { UnstorableKeyError } from "../store/keys.js";
import { addressOf } from "./address.js";
import { errorResponse, S3Error, type S3ErrorCode } from "./errors.js";
import { checkSettings } from "./object-settings.js";
import { operationFor } from "./routes.js";
import type { S3Service } from "./service.js";

/** How this call differs from a plain one; set by faults. */
export interface S3Twist {
  /** Treat a presigned URL as expired, whatever its date. */
  readonly expireUrl?: boolean;
}

/**
 * Answers one request to S3, synchronously: the same code serves the HTTPS server and the virtual one. The caller
 * closes the response's body. Never throws; whatever goes wrong is an error of S3 in the answer.
 *
 * @param refusal why the request is refused already, without a look at its body
 */
export function handleS3(request: CloudRequest, s3: S3Service, twist: S3Twist = {}, refusal?: Error): CloudResponse {
  const ids = {
    requestId: Buffer.from(s3.context.random(8)).toString("hex").toUpperCase(),
    hostId: Buffer.from(s3.context.random(48)).toString("base64"),
  };
  const response = answer(request, s3, twist, ids, refusal);
  return {
    ...response,
    headers: {
      "x-amz-id-2": ids.hostId,
      "x-amz-request-id": ids.requestId,
      date: new Date(s3.context.clock.now()).toUTCString(),
      server: "AmazonS3",
      ...response.headers,
    },
  };
}

function answer(
  request: CloudRequest,
  s3: S3Service,
  twist: S3Twist,
  ids: { requestId: string; hostId: string },
  refusal: Error | undefined,
): CloudResponse {
  try {
    if (refusal !== undefined) throw refusal;
    const { bucket = "", key = "" } = addressOf(hostOf(request), request.path);
    const query = queryMap(request.query);
    const verified = verify(request, s3, twist);
    const { body, trailers } = isStreaming(verified.payload)
      ? decodeAwsChunked(request.body, verified)
      : { body: request.body, trailers: {} };
    const call = { request, query, bucket, key, body, headers: { ...request.headers, ...trailers } };
    const operation = operationFor(call);
    checkSettings(s3, call);
    return operation(s3, call);
  } catch (error) {
    const known = asS3Error(error, request);
    if (known instanceof S3Error) return errorResponse(known, ids, request.method === "HEAD");
    s3.context.log(`s3: ${request.method} failed: ${known instanceof Error ? known.message : "unknown"}`);
    const internal = new S3Error("InternalError", "We encountered an internal error. Please try again.");
    return errorResponse(internal, ids, request.method === "HEAD");
  }
}

function asS3Error(error: unknown, request: CloudRequest): unknown {
  if (error instanceof SignatureError) return ofSignature(error, request);
  if (error instanceof BodyError) {
    return error.problem === "too-large"
      ? new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
      : new S3Error("SlowDown", "Please reduce your request rate.");
  }
  if (error instanceof UnstorableKeyError) {
    return new S3Error("InvalidArgument", "A name has characters, or a length, that the local cloud cannot keep.");
  }
  return error;
}

function verify(request: CloudRequest, s3: S3Service, twist: S3Twist): Verified {
  const now = s3.context.clock.now();
  const verified = verifySignature(request, { find: (id) => s3.credentials.find(id), now, region: s3.context.region });
  if (verified.scope.service !== "s3") {
    throw new SignatureError(
      "malformed",
      `incorrect service "${verified.scope.service}"; this endpoint belongs to "s3"`,
    );
  }
  if (twist.expireUrl === true && verified.presigned) {
    const at = `${new Date(now).toISOString().slice(0, 19)}Z`;
    throw new SignatureError("expired", "Request has expired", {
      "X-Amz-Expires": queryMap(request.query).get("X-Amz-Expires") ?? "",
      Expires: at,
      ServerTime: at,
    });
  }
  return verified;
}

const CODES = Object.freeze({
  missing: "AccessDenied",
  "unknown-key": "InvalidAccessKeyId",
  "wrong-token": "InvalidToken",
  "expired-token": "ExpiredToken",
  skewed: "RequestTimeTooSkewed",
  expired: "AccessDenied",
  mismatch: "SignatureDoesNotMatch",
  "wrong-body": "XAmzContentSHA256Mismatch",
  "no-hash": "InvalidRequest",
  "bad-hash": "InvalidArgument",
  "unsigned-headers": "AccessDenied",
  "old-version": "InvalidRequest",
} as const);

function ofSignature(error: SignatureError, request: CloudRequest): S3Error {
  if (error.problem === "missing") return new S3Error("AccessDenied", "Access Denied");
  const inQuery = request.headers.authorization === undefined;
  const malformed: S3ErrorCode = inQuery ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
  const code = error.problem === "malformed" || error.problem === "wrong-region" ? malformed : CODES[error.problem];
  return new S3Error(code, error.message, error.details);
}
