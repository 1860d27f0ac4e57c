import { iotRoutes } from "../iot/routes.js";
import type { IotService } from "../iot/service.js";
import type { JobsService } from "../jobs/service.js";
import type { RestRoute } from "../message/rest-route.js";
import { shadowRoutes } from "../shadows/routes.js";
import type { ShadowService } from "../shadows/service.js";
import { jobRoutes } from "./job-routes.js";

/** All operations of all REST-JSON services. */
export function restRoutes(
  iot: IotService,
  { jobs, shadows }: { readonly jobs: JobsService; readonly shadows: ShadowService },
): RestRoute[] {
  return [...iotRoutes(iot), ...jobRoutes(jobs), ...shadowRoutes(shadows)];
}
