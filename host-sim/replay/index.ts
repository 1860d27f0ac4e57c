/** A journal of a device, gone through by a simulated board. */
export { type ReplayOptions, type ReplayResult, replay } from "./replay.js";
export { ReplayError } from "./replay-plan.js";
