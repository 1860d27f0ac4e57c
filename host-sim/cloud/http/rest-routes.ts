import type { CloudContext } from "../context/context.js";
import type { MessageBus } from "../context/message-bus.js";
import { indexingRoutes } from "../indexing/routes.js";
import type { IndexingService } from "../indexing/service.js";
import { iotRoutes } from "../iot/routes.js";
import type { IotService } from "../iot/service.js";
import type { JobsService } from "../jobs/service.js";
import type { RestRoute } from "../message/rest-route.js";
import { messageRoutes } from "../messages/routes.js";
import type { PackageCatalog } from "../packages/catalog.js";
import { packageRoutes } from "../packages/routes.js";
import { shadowRoutes } from "../shadows/routes.js";
import type { ShadowService } from "../shadows/service.js";
import { jobRoutes } from "./job-routes.js";

/** The services that REST-JSON operations act on, beside the control plane of things. */
export interface RestBackends {
  readonly context: CloudContext;
  readonly jobs: JobsService;
  readonly packages: PackageCatalog;
  readonly indexing: IndexingService;
  readonly shadows: ShadowService;
  readonly bus: MessageBus;
}

/** All operations of all REST-JSON services. */
export function restRoutes(iot: IotService, backends: RestBackends): RestRoute[] {
  const { context, jobs, packages, indexing, shadows, bus } = backends;
  return [
    ...iotRoutes(iot),
    ...jobRoutes(jobs),
    ...packageRoutes(packages),
    ...indexingRoutes(indexing),
    ...shadowRoutes(shadows),
    ...messageRoutes(context, bus),
  ];
}
