import { invalidRequest, type OperationInput, optionalNumber, optionalObject } from "../../context/fields.js";
import { aggregated } from "../aggregation.js";
import type { IndexingService } from "../service.js";

const USUAL_BUCKETS = 10;
const MAX_BUCKETS = 10_000;

/** [AWS IoT: GetBucketsAggregation] The fullest first. @throws AwsError as SearchIndex, `InvalidAggregation` */
export function getBucketsAggregation(service: IndexingService, input: OperationInput) {
  const terms = optionalObject(optionalObject(input, "bucketsAggregationType") ?? {}, "termsAggregation");
  if (terms === undefined) throw invalidRequest("bucketsAggregationType.termsAggregation is required");
  const most = optionalNumber(terms, "maxBuckets", { min: 1, max: MAX_BUCKETS }) ?? USUAL_BUCKETS;
  const { total, values } = aggregated(service, input);
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const buckets = Array.from(counts, ([keyValue, count]) => ({ keyValue, count }))
    .sort((one, other) => other.count - one.count || (one.keyValue < other.keyValue ? -1 : 1))
    .slice(0, most);
  return { totalCount: total, buckets };
}
