import { definedMembers, optionalText } from "../../context/fields.js";
import { latestFirst, page } from "../../context/page.js";
import { existingThingName, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { executionStatusFilter } from "./execution-status-filter.js";
import { executionSummary } from "./job-output.js";

/** [AWS IoT: ListJobExecutionsForThing] All executions of a thing, retries included, newest first. */
export function listJobExecutionsForThing(service: JobsService, input: OperationInput): OperationOutput {
  const thingName = existingThingName(service, input);
  const status = executionStatusFilter(input);
  const jobId = optionalText(input, "jobId");
  const entries = [...service.store.executionsOfThing(thingName)]
    .filter((execution) => status === undefined || execution.status === status)
    .filter((execution) => jobId === undefined || execution.jobId === jobId)
    .map((execution) => ({
      cursor: latestFirst(execution.queuedAt) + latestFirst(execution.sequence),
      item: execution,
    }));
  const { items, nextToken } = page(input, entries);
  const executionSummaries = items.map((execution) => ({
    jobId: execution.jobId,
    jobExecutionSummary: executionSummary(execution),
  }));
  return definedMembers({ executionSummaries, nextToken });
}
