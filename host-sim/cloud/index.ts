/** The local AWS on this computer's sockets and files, and what its clients need. */
export type { BrokerOptions } from "./broker/options.js";
export type { MqttCounters } from "./faults/counting-fault-plan.js";
export type { FaultMatch, FaultPlan, FaultRule } from "./faults/fault-plan.js";
export type { HttpFault, HttpFaults } from "./faults/http-faults.js";
export type { HttpsCounters } from "./http/answer.js";
export type { JobsOptions } from "./jobs/options.js";
export type { S3Switches } from "./s3/service.js";
export { type CloudDescription, readCloudFiles } from "./server/cloud-files.js";
export type { DeviceFiles } from "./server/devices.js";
export { type LocalAws, type LocalAwsOptions, startLocalAws } from "./server/local-aws.js";
export {
  expectOk,
  httpsOperator,
  type Operator,
  type OperatorAnswer,
  OperatorError,
  type OperatorRequest,
} from "./server/operator.js";
export type { CloudSwitches } from "./services/cloud-switches.js";
export type { Credentials } from "./sigv4/credentials.js";
