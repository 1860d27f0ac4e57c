import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";

/** [AWS IoT: GetJobDocument] The document as the operator wrote it: S3 placeholders are never replaced here. */
export function getJobDocument(service: JobsService, input: OperationInput): OperationOutput {
  return { document: existingJob(service, input).document };
}
