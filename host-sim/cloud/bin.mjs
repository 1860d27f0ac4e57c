#!/usr/bin/env node
/** The command `local-aws-iot`. Plain JavaScript, because the TypeScript loader is not there yet when it begins. */
import { register } from "tsx/esm/api";

register();
const { runCloud } = await import("./command/run-cloud.ts");
process.exitCode = await runCloud(process.argv.slice(2));
