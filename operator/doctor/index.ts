/** What an update needs of an account, each part looked at, with the line that mends it. */
export {
  type Check,
  checkBucket,
  checkClock,
  checkEndpoint,
  checkIdentity,
  checkIndexing,
  checkRole,
  checkThing,
} from "./checks.js";
export { deviceNeeds, type Need, unmetNeeds } from "./device-needs.js";
