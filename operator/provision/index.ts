/** What the firmware's build wants, made out of what AWS gives. Touches no file. */
export { type DeviceCredentials, deviceCredentials, rootCertificate } from "./device-credentials.js";
export { type EndpointKind, endpointKind, endpointProblem } from "./endpoint.js";
export {
  CERTIFICATE_PEM,
  isProvisionedManifest,
  KEY_PEM,
  MANIFEST_FILE,
  type Provisioned,
  type ProvisionedFile,
  type ProvisionOptions,
  provision,
  ROOT_FILE,
} from "./provision.js";
export { ProvisionError } from "./provision-error.js";
