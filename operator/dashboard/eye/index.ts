/** Looks at a fleet, and says what the page shows of it. */
export { deviceView } from "./device-view.js";
export { type EyeOptions, FleetEye, type Look, troubleOf } from "./fleet-eye.js";
export type { Patience } from "./stuck.js";
