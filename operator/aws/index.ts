/** The AWS that is worked on: clients, its things and names, and its refusals in words. */
export { Aws, type AwsChoice, type Sending } from "./aws.js";
export { explain, type Question } from "./explain.js";
export { type LocalCloud, readLocalCloud } from "./local-cloud.js";
export {
  accountOf,
  awsSuffix,
  isJobId,
  isThingName,
  MAX_TARGETS,
  nameInArn,
  partitionOf,
  type Target,
  targetOfArn,
} from "./names.js";
export { Things } from "./things.js";
