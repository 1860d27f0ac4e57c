import { type Advice, adviceFor } from "../../advice/index.js";

/** What is said of devices that AWS gave up: they have no code of their own. */
const TIMED_OUT: Advice = {
  happened: "AWS ended it: the device did not come to an end within the job's time-out.",
  todo: "See whether the device is connected and goes on; a retry gives it as long again.",
  retry: "yes",
};

/** The code that an execution ended with; its status, where the device gave none. */
export function codeOf(status: string, code: string | undefined): string {
  return code || status.toLowerCase().replace("_", "-");
}

export function adviceOn(code: string): Advice | undefined {
  return adviceFor(code) ?? (code === "timed-out" ? TIMED_OUT : undefined);
}
