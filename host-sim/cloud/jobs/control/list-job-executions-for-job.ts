import { definedMembers } from "../../context/fields.js";
import { pageInOrder } from "../../context/page.js";
import { thingArn } from "../arns.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { executionStatusFilter } from "./execution-status-filter.js";
import { executionSummary } from "./job-output.js";

/** [AWS IoT: ListJobExecutionsForJob] The latest execution of each thing. */
export function listJobExecutionsForJob(service: JobsService, input: OperationInput): OperationOutput {
  const { jobId } = existingJob(service, input);
  const status = executionStatusFilter(input);
  function* entries(after: string | undefined) {
    for (const item of service.store.latestExecutions(jobId, after)) {
      if (status === undefined || item.status === status) yield { cursor: item.thingName, item };
    }
  }
  const { items, nextToken } = pageInOrder(input, entries);
  const executionSummaries = items.map((execution) => ({
    thingArn: thingArn(service.context, execution.thingName),
    jobExecutionSummary: executionSummary(execution),
  }));
  return definedMembers({ executionSummaries, nextToken });
}
