import { invalidRequest, isObject, type OperationInput, optionalChoice, optionalObject } from "../../context/fields.js";
import { configurationOutput, readConfiguration } from "../configuration.js";
import type { IndexingService } from "../service.js";

/** [AWS IoT: GetIndexingConfiguration] */
export function getIndexingConfiguration(service: IndexingService) {
  return {
    thingIndexingConfiguration: configurationOutput(service.configuration),
    thingGroupIndexingConfiguration: { thingGroupIndexingMode: "OFF" },
  };
}

/** [AWS IoT: UpdateIndexingConfiguration] @throws AwsError `InvalidRequest` */
export function updateIndexingConfiguration(service: IndexingService, input: OperationInput) {
  const groups = optionalObject(input, "thingGroupIndexingConfiguration");
  if (groups !== undefined && optionalChoice(groups, "thingGroupIndexingMode", ["OFF", "ON"] as const) === "ON") {
    throw invalidRequest("thingGroupIndexingMode ON is not emulated by the local cloud");
  }
  const things = optionalObject(input, "thingIndexingConfiguration");
  if (isObject(things)) service.configure(readConfiguration(things));
  return {};
}
