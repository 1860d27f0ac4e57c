import type { OperationInput } from "../../context/fields.js";
import { aggregated } from "../aggregation.js";
import type { IndexingService } from "../service.js";

/**
 * [AWS IoT: GetCardinality] Exact, where AWS's is about right.
 *
 * @throws AwsError as SearchIndex, `InvalidAggregation`
 */
export function getCardinality(service: IndexingService, input: OperationInput) {
  const { values } = aggregated(service, input, "registry.version");
  return { cardinality: new Set(values).size };
}
