/**
 * Loads TypeScript for a measurement of coverage. The everyday loader puts helpers of its own into every file, which V8
 * would count as branches that no test takes; here the compiled text has nothing that is not in the source.
 */
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
