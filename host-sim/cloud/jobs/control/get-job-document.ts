import { optionalFlag } from "../../context/fields.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";

/**
 * [AWS IoT: GetJobDocument] S3 placeholders are never replaced here; those of packages are, unless `beforeSubstitution`
 * asks for the document as the operator wrote it.
 */
export function getJobDocument(service: JobsService, input: OperationInput): OperationOutput {
  const { document, documentBefore } = existingJob(service, input);
  return { document: optionalFlag(input, "beforeSubstitution") ? (documentBefore ?? document) : document };
}
