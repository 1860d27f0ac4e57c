import { definedMembers } from "../../context/fields.js";
import { page } from "../../context/page.js";
import { thingArn } from "../arns.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { executionStatusFilter } from "./execution-status-filter.js";
import { executionSummary } from "./job-output.js";

/** [AWS IoT: ListJobExecutionsForJob] The latest execution of each thing. */
export function listJobExecutionsForJob(service: JobsService, input: OperationInput): OperationOutput {
  const { jobId } = existingJob(service, input);
  const status = executionStatusFilter(input);
  const entries = [...service.store.latestExecutions(jobId)]
    .filter((execution) => status === undefined || execution.status === status)
    .map((execution) => ({ cursor: execution.thingName, item: execution }));
  const { items, nextToken } = page(input, entries);
  const executionSummaries = items.map((execution) => ({
    thingArn: thingArn(service.context, execution.thingName),
    jobExecutionSummary: executionSummary(execution),
  }));
  return definedMembers({ executionSummaries, nextToken });
}
