import type { FotaCommand } from "./command.js";

/** Loaded when called for: the clients of AWS take a moment to load. */
export const COMMANDS: Readonly<Record<string, () => Promise<FotaCommand>>> = {
  keygen: async () => (await import("./keygen.js")).KEYGEN,
  sign: async () => (await import("./sign.js")).SIGN,
  inspect: async () => (await import("./inspect.js")).INSPECT,
  publish: async () => (await import("./publish.js")).PUBLISH,
};

export { Call, type FotaCommand, type OptionManual, Options } from "./command.js";
export { EXIT, EXIT_TEXTS, exitOf } from "./exits.js";
