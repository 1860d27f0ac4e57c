import type { OperationInput } from "../../context/fields.js";
import { aggregated } from "../aggregation.js";
import type { IndexingService } from "../service.js";

/**
 * [AWS IoT: GetStatistics] Over `registry.version`, which every thing has, where no field is named. What is no number
 * is only counted.
 *
 * @throws AwsError as SearchIndex, `InvalidAggregation`
 */
export function getStatistics(service: IndexingService, input: OperationInput) {
  const { type, values } = aggregated(service, input, "registry.version");
  const numbers = values.filter((value) => typeof value === "number");
  const count = values.length;
  if (type !== "Number" || numbers.length === 0) return { statistics: { count } };
  const sum = numbers.reduce((total, value) => total + value, 0);
  const sumOfSquares = numbers.reduce((total, value) => total + value * value, 0);
  const average = sum / count;
  const variance = Math.max(0, sumOfSquares / count - average * average);
  return {
    statistics: {
      count,
      average,
      sum,
      minimum: numbers.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
      maximum: numbers.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
      sumOfSquares,
      variance,
      stdDeviation: Math.sqrt(variance),
    },
  };
}
