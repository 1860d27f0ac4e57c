import { definedMembers, invalidRequest, optionalText } from "../../context/fields.js";
import { MAX_TEXT_LENGTH } from "../limits.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { jobConfigs } from "./job-configs.js";

/**
 * [AWS IoT: UpdateJob] A new time-out counts for executions that start later. Retries can only be switched off.
 *
 * @throws AwsError `InvalidRequest`, `ResourceNotFound`
 */
export function updateJob(service: JobsService, input: OperationInput): OperationOutput {
  const configs = jobConfigs(input);
  const description = optionalText(input, "description", { maxLength: MAX_TEXT_LENGTH });
  if (configs.jobExecutionsRetryConfig?.criteriaList.some((criterion) => criterion.numberOfRetries > 0)) {
    throw invalidRequest("the number of retries of an existing job can only be set to 0");
  }
  return service.transaction(() => {
    const job = existingJob(service, input);
    if (job.status !== "IN_PROGRESS" && job.status !== "SCHEDULED") {
      throw invalidRequest(`job ${job.jobId} is ${job.status}`);
    }
    service.store.putJob({ ...job, ...configs, ...definedMembers({ description }), lastUpdatedAt: service.now });
    return {};
  });
}
