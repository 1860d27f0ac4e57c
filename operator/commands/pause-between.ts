import { setTimeout as after } from "node:timers/promises";
import { FotaError } from "../failure/index.js";

/** Waits between two looks. @throws FotaError "interrupted" at Ctrl-C */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await after(ms, undefined, { signal });
  } catch (cause) {
    throw new FotaError("interrupted", "stopped looking; what was looked at goes on", { cause });
  }
}
