/** What runs on a fleet, and who told. */
export {
  type DeviceFacts,
  factsOfPackages,
  factsOfReport,
  factsOfShadow,
  PACKAGE_SHADOW,
  SHADOW,
} from "./device-facts.js";
export { askDevice, connections, deviceFacts, type FleetFacts, fleetFacts } from "./fleet-facts.js";
export { searchIndex } from "./fleet-index.js";
export {
  type FailureLine,
  type FleetStatus,
  fleetStatus,
  isForGroup,
  type JobStateLine,
  type SilentLine,
  type StatusWish,
  type VersionLine,
} from "./fleet-status.js";
