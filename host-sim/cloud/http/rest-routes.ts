import { iotRoutes } from "../iot/routes.js";
import type { IotService } from "../iot/service.js";
import type { JobsService } from "../jobs/service.js";
import type { RestRoute } from "../message/rest-route.js";
import type { PackageCatalog } from "../packages/catalog.js";
import { packageRoutes } from "../packages/routes.js";
import { shadowRoutes } from "../shadows/routes.js";
import type { ShadowService } from "../shadows/service.js";
import { jobRoutes } from "./job-routes.js";

/** The services that REST-JSON operations act on, beside the control plane of things. */
export interface RestBackends {
  readonly jobs: JobsService;
  readonly packages: PackageCatalog;
  readonly shadows: ShadowService;
}

/** All operations of all REST-JSON services. */
export function restRoutes(iot: IotService, { jobs, packages, shadows }: RestBackends): RestRoute[] {
  return [...iotRoutes(iot), ...jobRoutes(jobs), ...packageRoutes(packages), ...shadowRoutes(shadows)];
}
