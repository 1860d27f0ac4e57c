import { AwsError } from "../context/context.js";
import { type OperationInput, optionalNumber, requiredText } from "../context/fields.js";
import { THING_NAME } from "../context/thing-name.js";
import { JOB_ID, MAX_TIMEOUT_MINUTES } from "./limits.js";
import type { ExecutionRecord, JobRecord } from "./records.js";
import type { JobsService } from "./service.js";

export type { OperationInput } from "../context/fields.js";

/** The JSON body of an answer, ready to be sent. */
export type OperationOutput = Readonly<Record<string, unknown>>;

/** One operation of the API. @throws AwsError */
export type Operation = (service: JobsService, input: OperationInput) => OperationOutput;

function requiredThingName(input: OperationInput): string {
  return requiredText(input, "thingName", { pattern: THING_NAME });
}

/** @throws AwsError `InvalidRequest`, `ResourceNotFound`. */
export function existingThingName(service: JobsService, input: OperationInput): string {
  const thingName = requiredThingName(input);
  if (service.registry.thing(thingName) === undefined) {
    throw new AwsError("ResourceNotFound", `thing ${thingName} does not exist`);
  }
  return thingName;
}

export function requiredJobId(input: OperationInput): string {
  return requiredText(input, "jobId", { pattern: JOB_ID });
}

/** @throws AwsError `ResourceNotFound`. */
export function existingJob(service: JobsService, input: OperationInput): JobRecord {
  const jobId = requiredJobId(input);
  const job = service.store.job(jobId);
  if (job === undefined) throw new AwsError("ResourceNotFound", `job ${jobId} does not exist`);
  return job;
}

/**
 * The execution that `thingName`, `jobId` and optionally `executionNumber` name; the latest without number. @throws
 * AwsError `ResourceNotFound`.
 */
export function existingExecution(service: JobsService, input: OperationInput): ExecutionRecord {
  const thingName = requiredThingName(input);
  const jobId = requiredJobId(input);
  const number = optionalNumber(input, "executionNumber", { min: 0, max: Number.MAX_SAFE_INTEGER, text: true });
  const execution =
    number === undefined
      ? service.store.latestExecution(thingName, jobId)
      : service.store.execution(thingName, jobId, number);
  if (execution === undefined) {
    throw new AwsError("ResourceNotFound", `no execution of job ${jobId} for thing ${thingName}`);
  }
  return execution;
}

/** Minutes of `stepTimeoutInMinutes`; -1 where the operation may remove the timer. */
export function optionalStepTimeout(input: OperationInput, mayRemove: boolean): number | undefined {
  const name = "stepTimeoutInMinutes";
  if (mayRemove && input[name] === -1) return -1;
  return optionalNumber(input, name, { min: 1, max: MAX_TIMEOUT_MINUTES });
}
