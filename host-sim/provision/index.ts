export { type Provisioned, type ProvisionedFile, type ProvisionOptions, provision } from "./provision.js";
export { PROVISION_USAGE, runProvision } from "./run-provision.js";
