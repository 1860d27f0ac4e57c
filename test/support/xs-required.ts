import { type XsAvailability, xsAvailable } from "../../host-sim/engines/index.js";

/** Whether XS is here, and the words that a skipped test's title needs. */
export const XS: XsAvailability = xsAvailable();

/** For the title of a suite that needs XS: names what is missing. */
export const XS_TITLE = XS.available ? "on XS" : `on XS (skipped: ${XS.reason})`;

/**
 * First in a suite that needs XS: skips it where the engine is missing, and fails instead where everything must be
 * there.
 */
export function needXs(this: Mocha.Context): void {
  if (XS.available) return;
  if (process.env.CI === "true") throw new Error(`XS must be there in CI: ${XS.reason}`);
  this.skip();
}
