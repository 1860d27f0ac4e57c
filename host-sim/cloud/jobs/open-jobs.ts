import { restoreExecutionTimers } from "./execution-changes.js";
import { restoreJobTimers } from "./schedule.js";
import { JobsService, type JobsSettings } from "./service.js";

/**
 * The Jobs service over a store. What a former service over the same store had under way continues where that one
 * ended.
 */
export function openJobs(settings: JobsSettings): JobsService {
  const service = new JobsService(settings);
  restoreExecutionTimers(service);
  restoreJobTimers(service);
  return service;
}
