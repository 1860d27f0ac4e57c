import { definedMembers, optionalChoice, optionalText } from "../../context/fields.js";
import { latestFirst, page } from "../../context/page.js";
import { thingGroupArn } from "../arns.js";
import type { OperationInput, OperationOutput } from "../operation.js";
import type { JobStatus } from "../records.js";
import type { JobsService } from "../service.js";
import { jobSummary } from "./job-output.js";

const STATUSES: readonly JobStatus[] = ["SCHEDULED", "IN_PROGRESS", "CANCELED", "COMPLETED", "DELETION_IN_PROGRESS"];

/** [AWS IoT: ListJobs] Newest first. */
export function listJobs(service: JobsService, input: OperationInput): OperationOutput {
  const status = optionalChoice(input, "status", STATUSES);
  const targetSelection = optionalChoice(input, "targetSelection", ["SNAPSHOT", "CONTINUOUS"] as const);
  const group = optionalText(input, "thingGroupName");
  const jobs = [...service.store.jobs()].filter(
    (job) =>
      (status === undefined || job.status === status) &&
      (targetSelection === undefined || job.targetSelection === targetSelection) &&
      (group === undefined || job.targets.includes(thingGroupArn(service.context, group))),
  );
  const { items, nextToken } = page(
    input,
    jobs.map((job) => ({ cursor: latestFirst(job.createdAt) + job.jobId, item: job })),
  );
  return definedMembers({ jobs: items.map((job) => jobSummary(service, job)), nextToken });
}
