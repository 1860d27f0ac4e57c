import { definedMembers } from "../../context/fields.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { jobOutput } from "./job-output.js";

/** [AWS IoT: DescribeJob] */
export function describeJob(service: JobsService, input: OperationInput): OperationOutput {
  const job = existingJob(service, input);
  return definedMembers({ documentSource: job.documentSource, job: jobOutput(service, job) });
}
