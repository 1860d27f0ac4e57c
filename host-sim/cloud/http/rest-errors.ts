import { AwsError } from "../context/context.js";
import { BodyError } from "../message/body-error.js";
import { type CloudResponse, textSource } from "../message/message.js";
import type { RestService } from "../message/rest-route.js";
import { SignatureError, type SignatureProblem } from "../sigv4/signature-error.js";
import { UnstorableKeyError } from "../store/keys.js";

/** HTTP status by error name without suffix. */
const STATUS: Readonly<Record<string, number>> = Object.freeze({
  InvalidRequest: 400,
  Validation: 400,
  InvalidQuery: 400,
  InvalidAggregation: 400,
  IndexNotReady: 400,
  MalformedPolicy: 400,
  CertificateValidation: 400,
  Unauthorized: 401,
  Forbidden: 403,
  CertificateState: 406,
  ResourceNotFound: 404,
  UnknownOperation: 404,
  ResourceAlreadyExists: 409,
  InvalidStateTransition: 409,
  Conflict: 409,
  VersionConflict: 409,
  ConflictingResourceUpdate: 409,
  DeleteConflict: 409,
  RequestEntityTooLarge: 413,
  UnsupportedDocumentEncoding: 415,
  LimitExceeded: 410,
  TerminalState: 410,
  InternalFailure: 500,
  ServiceUnavailable: 503,
  MissingAuthenticationToken: 403,
  UnrecognizedClient: 403,
  InvalidSignature: 403,
  ExpiredToken: 403,
  IncompleteSignature: 400,
});

/** Names of the data plane's errors over HTTPS where they differ from those over MQTT. */
const DATA_PLANE_NAMES: Readonly<Record<string, string>> = Object.freeze({
  VersionMismatch: "InvalidStateTransition",
  TerminalStateReached: "TerminalState",
  RequestThrottled: "Throttling",
  InternalError: "InternalFailure",
  InvalidJson: "InvalidRequest",
});

/** What is wrong with a signature, as services that speak JSON call it. */
export const SIGNATURE_NAMES: Readonly<Record<SignatureProblem, string>> = Object.freeze({
  missing: "MissingAuthenticationToken",
  "old-version": "IncompleteSignature",
  malformed: "IncompleteSignature",
  "unknown-key": "UnrecognizedClient",
  "wrong-token": "UnrecognizedClient",
  "expired-token": "ExpiredToken",
  "wrong-region": "InvalidSignature",
  skewed: "InvalidSignature",
  expired: "InvalidSignature",
  mismatch: "InvalidSignature",
  "wrong-body": "InvalidSignature",
  "no-hash": "InvalidSignature",
  "bad-hash": "InvalidSignature",
  "unsigned-headers": "InvalidSignature",
});

/**
 * The answer of an error: a status, the name in `x-amzn-errortype` with the suffix `Exception` (without it SDK v3 gives
 * a generic error) and a JSON body.
 */
export function restError(
  error: unknown,
  service: RestService,
  requestId: string,
  log: (line: string) => void,
): CloudResponse {
  const known = asAwsError(error, log);
  const name = (service === "iot-jobs-data" ? DATA_PLANE_NAMES[known.code] : undefined) ?? known.code;
  const throttling = service === "iot" ? 400 : 429;
  const { executionState: _, ...members } = known.members;
  return {
    status: name === "Throttling" ? throttling : (STATUS[name] ?? 500),
    headers: {
      "content-type": "application/json",
      "x-amzn-errortype": `${name}Exception`,
      "x-amzn-requestid": requestId,
    },
    body: textSource(JSON.stringify({ message: known.message, ...members })),
  };
}

/** Any failure as an error that can be told to the client. */
export function asAwsError(error: unknown, log: (line: string) => void): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof BodyError) {
    const name = error.problem === "too-large" ? "RequestEntityTooLarge" : "ServiceUnavailable";
    return new AwsError(name, error.message);
  }
  if (error instanceof UnstorableKeyError) {
    return new AwsError("InvalidRequest", "A name has characters, or a length, that the local cloud cannot keep.");
  }
  if (error instanceof SignatureError) return new AwsError(SIGNATURE_NAMES[error.problem], error.message);
  log(`internal failure: ${error instanceof Error ? (error.stack ?? error.message) : "unknown"}`);
  return new AwsError("InternalFailure", "An internal failure of the local cloud; its log says more.");
}
