import { UsageError } from "../command-line/index.js";
import { type EngineName, xsAvailable } from "../engines/index.js";

/**
 * The engine named by `--engine`, or the best there is: XS, the device's own, where it could be built; else Node, and a
 * line says why.
 * @throws UsageError for another word, and for XS where it is not available
 */
export function chooseEngine(wanted: string | undefined, say: (line: string) => void): EngineName {
  if (wanted === "node") return "node";
  if (wanted !== undefined && wanted !== "xs") throw new UsageError(`--engine ${wanted}: there are node and xs`);
  const xs = xsAvailable();
  if (xs.available) return "xs";
  if (wanted === "xs") throw new UsageError(`--engine xs: ${xs.reason}`);
  say(`XS is not available, the firmware runs on Node's engine: ${xs.reason}`);
  return "node";
}
