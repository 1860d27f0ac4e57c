import type { Engine, EngineName } from "./engine.js";
import { nodeEngine } from "./node/node-engine.js";
import { xsEngine } from "./xs/xs-engine.js";

export * from "./engine.js";
export { guestBundle } from "./guest/guest-bundle.js";
export { type NodeEngineOptions, nodeEngine } from "./node/node-engine.js";
export { type XsAvailability, xsAvailable } from "./xs/availability.js";
export { type XsEngineOptions, xsEngine } from "./xs/xs-engine.js";

/** The engine of that name with its defaults. @throws Error with the reason when XS is not available here */
export async function engineByName(name: EngineName): Promise<Engine> {
  return name === "xs" ? await xsEngine() : nodeEngine();
}
