import { type OperationInput, requiredText } from "../../context/fields.js";
import { JOB_ID } from "../limits.js";
import type { OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { existingTemplateById } from "./job-template.js";

/** [AWS IoT: DeleteJobTemplate] Its jobs stay. @throws AwsError `InvalidRequest`, `ResourceNotFound` */
export function deleteJobTemplate(service: JobsService, input: OperationInput): OperationOutput {
  const { jobTemplateId } = existingTemplateById(service, requiredText(input, "jobTemplateId", { pattern: JOB_ID }));
  service.store.removeTemplate(jobTemplateId);
  return {};
}
