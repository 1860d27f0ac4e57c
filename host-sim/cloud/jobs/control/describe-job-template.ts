import { arnOf } from "../../context/arns.js";
import { definedMembers, type OperationInput, requiredText } from "../../context/fields.js";
import { JOB_ID } from "../limits.js";
import type { OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { existingTemplateById } from "./job-template.js";

/** [AWS IoT: DescribeJobTemplate] @throws AwsError `InvalidRequest`, `ResourceNotFound` */
export function describeJobTemplate(service: JobsService, input: OperationInput): OperationOutput {
  const template = existingTemplateById(service, requiredText(input, "jobTemplateId", { pattern: JOB_ID }));
  return definedMembers({
    jobTemplateArn: arnOf(service.context, "jobtemplate", template.jobTemplateId),
    jobTemplateId: template.jobTemplateId,
    description: template.description,
    documentSource: template.documentSource,
    document: template.document,
    createdAt: template.createdAt / 1000,
    ...template.configs,
    maintenanceWindows: template.maintenanceWindows,
    destinationPackageVersions: template.destinationPackageVersions,
  });
}
