import { nameInArn } from "../../context/arns.js";
import { AwsError } from "../../context/context.js";
import { invalidRequest } from "../../context/fields.js";
import { JOB_ID } from "../limits.js";
import type { TemplateRecord } from "../records.js";
import type { JobsService } from "../service.js";

/**
 * The template that an ARN names. AWS's own ones are not emulated.
 *
 * @throws AwsError `InvalidRequest`, `ResourceNotFound`
 */
export function existingTemplate(service: JobsService, arn: string): TemplateRecord {
  if (/^arn:aws:iot:[a-z0-9-]*::jobtemplate\//.test(arn)) {
    throw invalidRequest("managed job templates are not emulated by the local cloud");
  }
  const id = nameInArn(service.context, "jobtemplate", arn);
  if (id === undefined || !JOB_ID.test(id)) throw invalidRequest("jobTemplateArn is not the ARN of a job template");
  return existingTemplateById(service, id);
}

/** @throws AwsError `ResourceNotFound` */
export function existingTemplateById(service: JobsService, id: string): TemplateRecord {
  const template = service.store.template(id);
  if (template === undefined) throw new AwsError("ResourceNotFound", `job template ${id} does not exist`);
  return template;
}
