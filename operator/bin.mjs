#!/usr/bin/env node
/** The command `fota`. Plain JavaScript, because the TypeScript loader is not there yet when it begins. */
import { register } from "tsx/esm/api";

register();
const { runFota } = await import("./cli.ts");
process.exitCode = await runFota(process.argv.slice(2), "fota");
