/** The npm script `fota`; the package's own command is bin.mjs. */
import { runFota } from "./cli.js";

process.exitCode = await runFota(process.argv.slice(2), "npm run fota --");
