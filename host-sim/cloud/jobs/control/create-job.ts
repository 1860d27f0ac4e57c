import { AwsError } from "../../context/context.js";
import {
  definedMembers,
  invalidRequest,
  type OperationInput,
  optionalChoice,
  optionalText,
} from "../../context/fields.js";
import { jobArn } from "../arns.js";
import { checkPlaceholders } from "../document.js";
import { MAX_TEXT_LENGTH } from "../limits.js";
import { type OperationOutput, requiredJobId } from "../operation.js";
import type { JobRecord, TemplateRecord } from "../records.js";
import { addToRollout } from "../rollout.js";
import { armJob } from "../schedule.js";
import type { JobsService } from "../service.js";
import { requiredTargets, targetThings } from "../targets.js";
import { destinationsIn } from "./destinations.js";
import { jobConfigs } from "./job-configs.js";
import { checkDocument, type GivenDocument, givenDocument } from "./job-document.js";
import { existingTemplate } from "./job-template.js";
import { schedule } from "./schedule-config.js";

/**
 * [AWS IoT: CreateJob] Executions appear shortly after, at the job's roll-out rate. What a template says counts where
 * the request says nothing.
 *
 * @throws AwsError `InvalidRequest`, `ResourceAlreadyExists`, `ResourceNotFound`
 */
export function createJob(service: JobsService, input: OperationInput): OperationOutput {
  const jobId = requiredJobId(input);
  const description = optionalText(input, "description", { maxLength: MAX_TEXT_LENGTH });
  const targetSelection = optionalChoice(input, "targetSelection", ["SNAPSHOT", "CONTINUOUS"] as const) ?? "SNAPSHOT";
  const own = jobConfigs(input);
  return service.transaction(() => {
    const arn = jobArn(service.context, jobId);
    if (service.store.job(jobId) !== undefined) {
      const members = { resourceId: jobId, resourceArn: arn };
      throw new AwsError("ResourceAlreadyExists", `job ${jobId} already exists`, members);
    }
    const targets = requiredTargets(service, input);
    const { jobTemplateArn, template, given } = source(service, input);
    const configs = { ...template?.configs, ...own };
    const plan = schedule(input, service.now, targetSelection === "CONTINUOUS", template?.maintenanceWindows);
    const destinations = destinationsIn(service, input) ?? template?.destinationPackageVersions;
    const document = service.packages?.substitute(given.document, destinations ?? []) ?? given.document;
    checkDocument(document);
    checkPlaceholders(service, document, configs.presignedUrlConfig?.roleArn !== undefined);
    const job: JobRecord = definedMembers({
      ...configs,
      ...plan,
      jobId,
      jobTemplateArn,
      status: plan.startAt === undefined ? ("IN_PROGRESS" as const) : ("SCHEDULED" as const),
      targetSelection,
      targets,
      document,
      documentBefore: document === given.document ? undefined : given.document,
      documentSource: given.documentSource,
      description: description ?? template?.description,
      destinationPackageVersions: destinations,
      createdAt: service.now,
      lastUpdatedAt: service.now,
    });
    service.store.putJob(job);
    addToRollout(service, job, targetThings(service, targets));
    armJob(service, job);
    return definedMembers({ jobArn: arn, jobId, description: job.description });
  });
}

interface Source {
  readonly jobTemplateArn?: string;
  readonly template?: TemplateRecord;
  readonly given: GivenDocument;
}

/** Where the document is from: the request, S3, or a template. */
function source(service: JobsService, input: OperationInput): Source {
  const given = givenDocument(service, input);
  const jobTemplateArn = optionalText(input, "jobTemplateArn");
  if ((given === undefined) === (jobTemplateArn === undefined)) {
    throw invalidRequest("exactly one of document, documentSource and jobTemplateArn is needed");
  }
  if (given !== undefined) return { given };
  const template = existingTemplate(service, jobTemplateArn ?? "");
  const { document, documentSource } = template;
  return { ...(jobTemplateArn === undefined ? {} : { jobTemplateArn }), template, given: { document, documentSource } };
}
