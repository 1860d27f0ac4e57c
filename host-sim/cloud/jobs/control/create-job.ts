import { AwsError } from "../../context/context.js";
import { isDeeperThan } from "../../context/json.js";
import { jobArn } from "../arns.js";
import { checkPlaceholders } from "../document.js";
import { definedMembers, invalidRequest, optionalChoice, optionalText } from "../fields.js";
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH, MAX_DOCUMENT_SOURCE_LENGTH, MAX_TEXT_LENGTH } from "../limits.js";
import { type OperationInput, type OperationOutput, requiredJobId } from "../operation.js";
import type { JobRecord } from "../records.js";
import { addToRollout } from "../rollout.js";
import { armJob } from "../schedule.js";
import type { JobsService } from "../service.js";
import { requiredTargets, targetThings } from "../targets.js";
import { jobConfigs } from "./job-configs.js";
import { schedule } from "./schedule-config.js";

/**
 * [AWS IoT: CreateJob] Executions appear shortly after, at the job's roll-out rate. Job templates are not emulated.
 *
 * @throws AwsError `InvalidRequest`, `ResourceAlreadyExists`, `ResourceNotFound`
 */
export function createJob(service: JobsService, input: OperationInput): OperationOutput {
  const jobId = requiredJobId(input);
  const description = optionalText(input, "description", { maxLength: MAX_TEXT_LENGTH });
  const targetSelection = optionalChoice(input, "targetSelection", ["SNAPSHOT", "CONTINUOUS"] as const) ?? "SNAPSHOT";
  const configs = jobConfigs(input);
  const plan = schedule(input, service.now);
  return service.transaction(() => {
    const arn = jobArn(service.context, jobId);
    if (service.store.job(jobId) !== undefined) {
      const members = { resourceId: jobId, resourceArn: arn };
      throw new AwsError("ResourceAlreadyExists", `job ${jobId} already exists`, members);
    }
    const targets = requiredTargets(service, input);
    const document = jobDocument(service, input);
    checkPlaceholders(service, document, configs.presignedUrlConfig?.roleArn !== undefined);
    const job: JobRecord = definedMembers({
      ...configs,
      ...plan,
      jobId,
      status: plan.startAt === undefined ? ("IN_PROGRESS" as const) : ("SCHEDULED" as const),
      targetSelection,
      targets,
      document,
      documentSource: optionalText(input, "documentSource"),
      description,
      createdAt: service.now,
      lastUpdatedAt: service.now,
    });
    service.store.putJob(job);
    addToRollout(service, job, targetThings(service, targets));
    armJob(service, job);
    return definedMembers({ jobArn: arn, jobId, description });
  });
}

/** The text of the document, from the request or, once and for all, from S3. */
function jobDocument(service: JobsService, input: OperationInput): string {
  const inline = optionalText(input, "document");
  const source = optionalText(input, "documentSource", { maxLength: MAX_DOCUMENT_SOURCE_LENGTH });
  if ((inline === undefined) === (source === undefined)) {
    throw invalidRequest("exactly one of document and documentSource is needed");
  }
  const document = inline ?? service.readS3Object(source ?? "");
  if (document === undefined) throw invalidRequest("documentSource names no readable S3 object");
  if (Buffer.byteLength(document, "utf8") > MAX_DOCUMENT_BYTES) {
    throw invalidRequest(`the job document is longer than ${MAX_DOCUMENT_BYTES} bytes`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw invalidRequest("the job document is not JSON");
  }
  if (isDeeperThan(parsed, MAX_DOCUMENT_DEPTH)) {
    throw invalidRequest(`the job document is nested deeper than ${MAX_DOCUMENT_DEPTH} levels`);
  }
  return document;
}
