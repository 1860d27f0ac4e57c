import type { Manual } from "../../host-sim/command-line/index.js";

/** What `npm test` takes, and `npm run test:moddable`, which passes it on. */
export const SUITE_ARGUMENTS: Pick<Manual, "takes" | "options"> = {
  takes: "[PART OF A PATH ...]",
  options: {
    grep: { type: "string", value: "PATTERN", does: "tests whose title matches the regular expression" },
    without: { type: "string", value: "PATTERN", does: "tests whose title does not match it" },
    patience: { type: "string", value: "FACTOR", does: "so many times the time that a test may take (default 1)" },
  },
};
