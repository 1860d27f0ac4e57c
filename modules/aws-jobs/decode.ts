/**
 * From JSON to the objects of {@link ./model.js}. Every function takes `unknown` and throws {@link AwsJobsError}
 * `malformed-response`.
 */
import { parseJson } from "../foundation/json.js";
import { AwsJobsError } from "./errors.js";
import { isObject, type JsonObject } from "./json.js";
import {
  JOB_STATUSES,
  type JobExecution,
  type JobExecutionState,
  type JobStatus,
  type StatusDetails,
} from "./model.js";
import { isJobId } from "./names.js";

/** Beyond this a time is in milliseconds: old examples of the service show 13 digits, the service sends seconds. */
const MAX_SECONDS = 1e11;

function malformed(what: string): AwsJobsError {
  return new AwsJobsError("malformed-response", `${what} is missing or wrong`);
}

/** `execution` of describe and notify-next: absent, `{}` and `null` all mean that there is none. */
export function decodeOptionalExecution(value: unknown): JobExecution | undefined {
  if (value === undefined || value === null) return undefined;
  if (isObject(value) && Object.keys(value).length === 0) return undefined;
  return decodeExecution(value);
}

function decodeExecution(value: unknown): JobExecution {
  if (!isObject(value)) throw malformed("execution");
  const { jobId, startedAt, approximateSecondsBeforeTimedOut: left, jobDocument } = value;
  if (typeof jobId !== "string" || !isJobId(jobId)) throw malformed("jobId");
  return {
    ...decodeState(value),
    jobId,
    queuedAt: seconds(value.queuedAt, "queuedAt"),
    ...(startedAt === undefined || startedAt === null ? {} : { startedAt: seconds(startedAt, "startedAt") }),
    lastUpdatedAt: seconds(value.lastUpdatedAt, "lastUpdatedAt"),
    executionNumber: integer(value.executionNumber, "executionNumber"),
    ...(left === undefined || left === null ? {} : { approximateSecondsBeforeTimedOut: integer(left, "time left") }),
    ...(jobDocument === undefined || jobDocument === null ? {} : { jobDocument: decodeDocument(jobDocument) }),
  };
}

export function decodeState(value: unknown): JobExecutionState {
  if (!isObject(value)) throw malformed("executionState");
  const status = decodeStatus(value.status);
  if (status === undefined) throw malformed("status");
  return {
    status,
    statusDetails: decodeStatusDetails(value.statusDetails),
    versionNumber: integer(value.versionNumber, "versionNumber"),
  };
}

function decodeStatus(value: unknown): JobStatus | undefined {
  return JOB_STATUSES.find((status) => status === value);
}

/** `timestamp` of a message, in seconds; `undefined` when there is none. */
export function decodeTimestamp(message: JsonObject): number | undefined {
  const { timestamp } = message;
  return timestamp === undefined || timestamp === null ? undefined : seconds(timestamp, "timestamp");
}

/**
 * The HTTPS API, and some services that speak the protocol, send the document as JSON text. Text that is no JSON is
 * left to the caller.
 */
export function decodeDocument(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parsed = parseJson(value);
  return parsed === undefined ? value : parsed.value;
}

function decodeStatusDetails(value: unknown): StatusDetails {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw malformed("statusDetails");
  // fromEntries defines the properties, so that a key such as "__proto__" stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, detail]) => {
      if (typeof detail !== "string") throw malformed("statusDetails");
      return [key, detail];
    }),
  );
}

function seconds(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) throw malformed(what);
  return Math.floor(value > MAX_SECONDS ? value / 1000 : value);
}

function integer(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value)) throw malformed(what);
  return value;
}
