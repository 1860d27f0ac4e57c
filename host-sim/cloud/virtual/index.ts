/**
 * The local AWS without sockets, files and promises, on a clock of the caller's: for runs that are equal to the byte.
 */
export type { CancelTimer, CloudClock } from "../context/context.js";
export type { FaultMatch, FaultPlan, FaultRule } from "../faults/fault-plan.js";
export type { HttpFault, HttpFaults } from "../faults/http-faults.js";
export { control, data, type JobsOptions, type JobsService } from "../jobs/index.js";
export type { ExecutionRecord } from "../jobs/records.js";
export type { S3Switches } from "../s3/service.js";
export type { CloudServices } from "../services/cloud-services.js";
export type { CloudSwitches } from "../services/cloud-switches.js";
export type { HttpConnection, HttpPeer, HttpServer } from "./http-server.js";
export type { MqttConnection, MqttPeer, MqttServer } from "./mqtt-server.js";
export { createVirtualAws, type VirtualAws, type VirtualAwsOptions } from "./virtual-aws.js";
