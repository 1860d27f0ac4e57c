/**
 * What runs on a device, told to its shadow in AWS IoT.
 * @module
 */
export { countBoot } from "./boot-count.js";
export { FleetReport, type FleetReportOptions, type FleetSession } from "./fleet-report.js";
export { type FleetFacts, isPackageName, shadowDocument, shadowUpdateTopic } from "./shadow-document.js";
