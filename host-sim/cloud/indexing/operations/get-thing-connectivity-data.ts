import { AwsError } from "../../context/context.js";
import { definedMembers, type OperationInput, optionalFlag, requiredText } from "../../context/fields.js";
import { THING_NAME } from "../../context/thing-name.js";
import type { IndexingService } from "../service.js";

/**
 * [AWS IoT: GetThingConnectivityData] Needs the connectivity of the index.
 *
 * @throws AwsError `InvalidRequest`, `ResourceNotFound`, `IndexNotReady`
 */
export function getThingConnectivityData(service: IndexingService, input: OperationInput) {
  const thingName = requiredText(input, "thingName", { pattern: THING_NAME });
  if (service.configuration.thingConnectivityIndexingMode !== "STATUS") {
    throw new AwsError("IndexNotReady", "Connectivity is not indexed. Please call UpdateIndexingConfiguration");
  }
  const presence = service.presence.of(thingName);
  if (service.registry.thing(thingName) === undefined || presence === undefined) {
    throw new AwsError("ResourceNotFound", `No connectivity data of thing ${thingName}`);
  }
  const { connected, timestamp, disconnectReason, sourceIp } = presence;
  return definedMembers({
    thingName,
    connected,
    timestamp: timestamp / 1000,
    disconnectReason,
    sourceIp: optionalFlag(input, "includeSocketInformation") ? sourceIp : undefined,
  });
}
