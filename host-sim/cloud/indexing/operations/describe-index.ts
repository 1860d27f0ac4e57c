import { type OperationInput, requiredText } from "../../context/fields.js";
import { type IndexingService, THINGS_INDEX } from "../service.js";

/** [AWS IoT: DescribeIndex] @throws AwsError `ResourceNotFound` while indexing is off */
export function describeIndex(service: IndexingService, input: OperationInput) {
  const indexName = requiredText(input, "indexName");
  const indexStatus = service.status(indexName);
  const { thingIndexingMode, thingConnectivityIndexingMode, namedShadowIndexingMode } = service.configuration;
  const connected = thingConnectivityIndexingMode === "STATUS";
  const schema =
    namedShadowIndexingMode === "ON"
      ? "MULTI_INDEXING_MODE"
      : `${thingIndexingMode}${connected ? "_AND_CONNECTIVITY_STATUS" : ""}`;
  return { indexName, indexStatus, schema };
}

/** [AWS IoT: ListIndices] */
export function listIndices(service: IndexingService) {
  return { indexNames: service.configuration.thingIndexingMode === "OFF" ? [] : [THINGS_INDEX] };
}
