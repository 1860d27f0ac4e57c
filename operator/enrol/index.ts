/** Devices get an identity at AWS IoT: thing, certificate, policy, group, and files for their firmware's build. */
export { isComplete, removeDeviceFiles, writeDeviceFiles } from "./device-files.js";
export { devicePolicy, type PolicyPlace, samePolicy } from "./device-policy.js";
export { type Enrolled, Enrolment, type EnrolWish } from "./enrol.js";
