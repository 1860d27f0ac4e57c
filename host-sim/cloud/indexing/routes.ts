import type { OperationInput } from "../context/fields.js";
import type { RestOutput, RestRoute } from "../message/rest-route.js";
import { describeIndex, listIndices } from "./operations/describe-index.js";
import { getBucketsAggregation } from "./operations/get-buckets-aggregation.js";
import { getCardinality } from "./operations/get-cardinality.js";
import { getStatistics } from "./operations/get-statistics.js";
import { getThingConnectivityData } from "./operations/get-thing-connectivity-data.js";
import { getIndexingConfiguration, updateIndexingConfiguration } from "./operations/indexing-configuration.js";
import { searchIndex } from "./operations/search-index.js";
import type { IndexingService } from "./service.js";

type IndexingOperation = (service: IndexingService, input: OperationInput) => RestOutput;

const TABLE: readonly (readonly [method: string, path: string, operation: IndexingOperation])[] = Object.freeze([
  ["POST", "/indexing/config", updateIndexingConfiguration],
  ["GET", "/indexing/config", getIndexingConfiguration],
  ["GET", "/indices", listIndices],
  ["POST", "/indices/search", searchIndex],
  ["POST", "/indices/statistics", getStatistics],
  ["POST", "/indices/buckets", getBucketsAggregation],
  ["POST", "/indices/cardinality", getCardinality],
  ["GET", "/indices/{indexName}", describeIndex],
  ["POST", "/things/{thingName}/connectivity-data", getThingConnectivityData],
] as const);

/** Fleet indexing over HTTPS. */
export function indexingRoutes(service: IndexingService): RestRoute[] {
  return TABLE.map(([method, path, operation]) => ({
    service: "iot",
    method,
    path,
    run: (input) => operation(service, input),
  }));
}
