import { arnOf } from "../../context/arns.js";
import { definedMembers, type OperationInput } from "../../context/fields.js";
import { latestFirst, page } from "../../context/page.js";
import type { OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";

/** [AWS IoT: ListJobTemplates] Newest first. @throws AwsError `InvalidRequest` */
export function listJobTemplates(service: JobsService, input: OperationInput): OperationOutput {
  const entries = Array.from(service.store.templates(), (item) => ({
    cursor: latestFirst(item.createdAt) + item.jobTemplateId,
    item,
  }));
  const { items, nextToken } = page(input, entries);
  const jobTemplates = items.map(({ jobTemplateId, description, createdAt }) => ({
    jobTemplateArn: arnOf(service.context, "jobtemplate", jobTemplateId),
    jobTemplateId,
    description,
    createdAt: createdAt / 1000,
  }));
  return definedMembers({ jobTemplates, nextToken });
}
