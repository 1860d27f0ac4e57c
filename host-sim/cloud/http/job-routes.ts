import * as control from "../jobs/control/index.js";
import * as data from "../jobs/data/index.js";
import type { Operation } from "../jobs/operation.js";
import type { JobsService } from "../jobs/service.js";
import type { RestRoute } from "../message/rest-route.js";

/** The same paths occur in both services; only the service name in the signature tells them apart. */
const TABLE: readonly (readonly [service: RestRoute["service"], method: string, path: string, operation: Operation])[] =
  Object.freeze([
    ["iot", "PUT", "/jobs/{jobId}", control.createJob],
    ["iot", "GET", "/jobs/{jobId}", control.describeJob],
    ["iot", "PATCH", "/jobs/{jobId}", control.updateJob],
    ["iot", "GET", "/jobs/{jobId}/job-document", control.getJobDocument],
    ["iot", "PUT", "/jobs/{jobId}/cancel", control.cancelJob],
    ["iot", "DELETE", "/jobs/{jobId}", control.deleteJob],
    ["iot", "GET", "/jobs", control.listJobs],
    ["iot", "POST", "/jobs/{jobId}/targets", control.associateTargetsWithJob],
    ["iot", "GET", "/jobs/{jobId}/things", control.listJobExecutionsForJob],
    ["iot", "GET", "/things/{thingName}/jobs", control.listJobExecutionsForThing],
    ["iot", "GET", "/things/{thingName}/jobs/{jobId}", control.describeJobExecution],
    ["iot", "PUT", "/things/{thingName}/jobs/{jobId}/cancel", control.cancelJobExecution],
    ["iot", "DELETE", "/things/{thingName}/jobs/{jobId}/executionNumber/{executionNumber}", control.deleteJobExecution],
    ["iot", "PUT", "/job-templates/{jobTemplateId}", control.createJobTemplate],
    ["iot", "GET", "/job-templates/{jobTemplateId}", control.describeJobTemplate],
    ["iot", "DELETE", "/job-templates/{jobTemplateId}", control.deleteJobTemplate],
    ["iot", "GET", "/job-templates", control.listJobTemplates],
    ["iot", "GET", "/event-configurations", control.describeEventConfigurations],
    ["iot", "PATCH", "/event-configurations", control.updateEventConfigurations],
    ["iot-jobs-data", "GET", "/things/{thingName}/jobs", data.getPendingJobExecutions],
    ["iot-jobs-data", "PUT", "/things/{thingName}/jobs/$next", data.startNextPendingJobExecution],
    ["iot-jobs-data", "GET", "/things/{thingName}/jobs/{jobId}", data.describeJobExecution],
    ["iot-jobs-data", "POST", "/things/{thingName}/jobs/{jobId}", data.updateJobExecution],
  ] as const);

export function jobRoutes(jobs: JobsService): RestRoute[] {
  return TABLE.map(([service, method, path, operation]) => ({
    service,
    method,
    path,
    run: (input) => operation(jobs, input),
  }));
}
