import { arnOf } from "../../context/arns.js";
import { AwsError } from "../../context/context.js";
import {
  definedMembers,
  invalidRequest,
  type OperationInput,
  optionalText,
  requiredText,
} from "../../context/fields.js";
import { JOB_ID, MAX_TEXT_LENGTH } from "../limits.js";
import { maintenanceWindowsIn } from "../maintenance.js";
import type { OperationOutput } from "../operation.js";
import type { JobRecord, TemplateRecord } from "../records.js";
import type { JobsService } from "../service.js";
import { destinationsIn } from "./destinations.js";
import { jobConfigs } from "./job-configs.js";
import { givenDocument } from "./job-document.js";

/**
 * [AWS IoT: CreateJobTemplate] From a document, or from a job: then the template has what the job has where the
 * request says nothing else.
 *
 * @throws AwsError `InvalidRequest`, `ResourceNotFound`, `Conflict`
 */
export function createJobTemplate(service: JobsService, input: OperationInput): OperationOutput {
  const jobTemplateId = requiredText(input, "jobTemplateId", { pattern: JOB_ID });
  const description = requiredText(input, "description", { maxLength: MAX_TEXT_LENGTH });
  const jobTemplateArn = arnOf(service.context, "jobtemplate", jobTemplateId);
  return service.transaction(() => {
    if (service.store.template(jobTemplateId) !== undefined) {
      const members = { resourceId: jobTemplateId };
      throw new AwsError("Conflict", `job template ${jobTemplateId} already exists`, members);
    }
    const job = jobIn(service, input);
    const given = givenDocument(service, input) ?? documentOf(job);
    if (given === undefined) throw invalidRequest("document, documentSource or jobArn is needed");
    const template: TemplateRecord = definedMembers({
      jobTemplateId,
      description,
      document: given.document,
      documentSource: given.documentSource,
      configs: { ...configsOf(job), ...jobConfigs(input) },
      maintenanceWindows: maintenanceWindowsIn(input) ?? job?.schedulingConfig?.maintenanceWindows,
      destinationPackageVersions: destinationsIn(service, input) ?? job?.destinationPackageVersions,
      createdAt: service.now,
    });
    service.store.putTemplate(template);
    return { jobTemplateArn, jobTemplateId };
  });
}

function jobIn(service: JobsService, input: OperationInput): JobRecord | undefined {
  const arn = optionalText(input, "jobArn");
  if (arn === undefined) return undefined;
  const prefix = arnOf(service.context, "job", "");
  const job = arn.startsWith(prefix) ? service.store.job(arn.slice(prefix.length)) : undefined;
  if (job === undefined) throw new AwsError("ResourceNotFound", `job ${arn.slice(0, 200)} does not exist`);
  return job;
}

function documentOf(job: JobRecord | undefined) {
  return job === undefined
    ? undefined
    : { document: job.documentBefore ?? job.document, documentSource: job.documentSource };
}

function configsOf(job: JobRecord | undefined): TemplateRecord["configs"] {
  if (job === undefined) return {};
  const { presignedUrlConfig, timeoutConfig, jobExecutionsRolloutConfig, abortConfig, jobExecutionsRetryConfig } = job;
  return definedMembers({
    presignedUrlConfig,
    timeoutConfig,
    jobExecutionsRolloutConfig,
    abortConfig,
    jobExecutionsRetryConfig,
  });
}
