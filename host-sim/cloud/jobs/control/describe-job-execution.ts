import { definedMembers } from "../../context/fields.js";
import { thingArn } from "../arns.js";
import { remaining } from "../device-views.js";
import { existingExecution, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { executionSummary } from "./job-output.js";

/**
 * [AWS IoT: DescribeJobExecution] The operator's view: any status, no document, `statusDetails` one level deeper than
 * elsewhere.
 */
export function describeJobExecution(service: JobsService, input: OperationInput): OperationOutput {
  const execution = existingExecution(service, input);
  return {
    execution: definedMembers({
      jobId: execution.jobId,
      forceCanceled: execution.forceCanceled,
      ...executionSummary(execution),
      statusDetails: { detailsMap: execution.statusDetails },
      thingArn: thingArn(service.context, execution.thingName),
      versionNumber: execution.versionNumber,
      ...remaining(execution, service.now),
    }),
  };
}
