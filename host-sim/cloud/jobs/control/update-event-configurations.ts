import { invalidRequest, optionalFlag, optionalObject } from "../../context/fields.js";
import { eventConfigurations, putEventConfigurations } from "../events.js";
import type { OperationInput, OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";

/** [AWS IoT: UpdateEventConfigurations] Only `JOB` and `JOB_EXECUTION` have an effect here; the others are kept. */
export function updateEventConfigurations(service: JobsService, input: OperationInput): OperationOutput {
  const given = optionalObject(input, "eventConfigurations") ?? {};
  const changes = Object.keys(given).map((eventType) => {
    const configuration = optionalObject(given, eventType);
    if (!/^[A-Z_]{1,32}$/.test(eventType) || configuration === undefined) {
      throw invalidRequest("eventConfigurations has an entry that is not allowed");
    }
    return [eventType, { Enabled: optionalFlag(configuration, "Enabled") ?? false }] as const;
  });
  putEventConfigurations(service, { ...eventConfigurations(service), ...Object.fromEntries(changes) });
  return {};
}
