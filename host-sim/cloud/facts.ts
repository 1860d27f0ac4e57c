/** Facts of AWS IoT as plain functions: nothing is started, and nothing but these few files is loaded. */
export { arnOf } from "./context/arns.js";
export { isThingName } from "./context/thing-name.js";
export { type ExecutionStatus, isTerminal, TERMINAL_STATUSES } from "./jobs/records.js";
export { serverNames } from "./pki/server-names.js";
export { DEVICE_POLICY_NAME, devicePolicyDocument } from "./policy/device-policy.js";
