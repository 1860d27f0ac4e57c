import { eventConfigurations } from "../events.js";
import type { OperationInput, OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";

/** [AWS IoT: DescribeEventConfigurations] */
export function describeEventConfigurations(service: JobsService, _input: OperationInput): OperationOutput {
  return { eventConfigurations: eventConfigurations(service) };
}
