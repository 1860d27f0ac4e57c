import { decodeState } from "./decode.js";
import { AwsJobsError, REJECTION_CODES } from "./errors.js";
import { isObject, type JsonObject } from "./json.js";
import type { JobExecutionState } from "./model.js";
import type { JobsOperation } from "./topics.js";

/** One operation's request, and how to read its answer. */
export type JobsRequest<Result> = {
  readonly operation: JobsOperation;
  /** For describe (a job id or `$next`) and update. */
  readonly jobId: string;
  /** Fields other than `clientToken`; absent ones are left out. */
  readonly fields: JsonObject;
  /** Throws {@link AwsJobsError} `malformed-response`. */
  decode(accepted: JsonObject): Result;
};

/** Longest text of the service that is kept. */
const MAX_MESSAGE_LENGTH = 128;
/** Of a code that is not known. */
const MAX_CODE_LENGTH = 32;

/** Reads a `rejected` message. [AWS Jobs: ErrorResponse] */
export function decodeRejection(rejected: JsonObject): AwsJobsError {
  const { code, message } = rejected;
  const text = typeof message === "string" ? message.slice(0, MAX_MESSAGE_LENGTH) : "";
  const known = REJECTION_CODES.find((candidate) => candidate === code);
  if (known === undefined) {
    // An object is not made text: members of the names that String asks for would make that throw.
    const name = typeof code === "string" ? code.slice(0, MAX_CODE_LENGTH) : typeof code;
    return new AwsJobsError("malformed-response", `unknown rejection ${name}: ${text}`);
  }
  return new AwsJobsError(known, text, rejectionState(rejected));
}

/** Throws {@link AwsJobsError} `invalid-argument`. `allowed` are values outside of `min` to `max`. */
export function checkInteger(
  name: string,
  value: number | undefined,
  min: number,
  max: number,
  allowed?: number,
): void {
  if (value === undefined || value === allowed) return;
  if (!Number.isInteger(value) || value < min || value > max)
    throw new AwsJobsError("invalid-argument", `${name} is out of range`);
}

function rejectionState(rejected: JsonObject): JobExecutionState | undefined {
  if (!isObject(rejected.executionState)) return undefined;
  try {
    return decodeState(rejected.executionState);
  } catch {
    // The rejection counts without the state that came with it: its code says what to do.
    return undefined;
  }
}
