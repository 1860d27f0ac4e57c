import { type DeviceExecution, deviceExecution } from "../device-views.js";
import { deliveredDocument } from "../document.js";
import type { ExecutionRecord } from "../records.js";
import type { JobsService } from "../service.js";

export type ExecutionOutput = DeviceExecution & { readonly thingName: string; readonly jobDocument?: string };

/** An execution as the data plane returns it. The document is a JSON text here; over MQTT it becomes an object. */
export function executionOutput(
  service: JobsService,
  execution: ExecutionRecord,
  withDocument: boolean,
): ExecutionOutput {
  const view = { ...deviceExecution(execution, service.now), thingName: execution.thingName };
  const job = withDocument ? service.store.job(execution.jobId) : undefined;
  return job === undefined ? view : { ...view, jobDocument: deliveredDocument(service, job) };
}
