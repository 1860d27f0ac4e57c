/** How an image gets to devices: checks, the plan that says what will be done, and doing it. */
export { checkBases, checkImage, type Expected, type LocalImage } from "./check-image.js";
export { type PackageVersion, packageVersion } from "./package-version.js";
export { type CanaryWish, USUAL_SOAK_MINUTES } from "./plan-canary.js";
export { type Published, type PublishPlan, type PublishWish, planPublish, storeImage } from "./publish.js";
export { type Readiness, type ReleaseWish, readiness, release } from "./release.js";
export { planRollback, type RollbackPlan, type RollbackWish } from "./rollback.js";
