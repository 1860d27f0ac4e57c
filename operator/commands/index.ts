import type { FotaCommand } from "./command.js";

/** Loaded when called for: the clients of AWS take a moment to load. */
export const COMMANDS: Readonly<Record<string, () => Promise<FotaCommand>>> = {
  keygen: async () => (await import("./keygen.js")).KEYGEN,
  sign: async () => (await import("./sign.js")).SIGN,
  inspect: async () => (await import("./inspect.js")).INSPECT,
  publish: async () => (await import("./publish.js")).PUBLISH,
  provision: async () => (await import("./provision.js")).PROVISION,
  watch: async () => (await import("./watch.js")).WATCH,
  status: async () => (await import("./status.js")).STATUS,
  device: async () => (await import("./device.js")).DEVICE,
  release: async () => (await import("./release.js")).RELEASE,
  pause: async () => (await import("./stop.js")).PAUSE,
  resume: async () => (await import("./go-on.js")).RESUME,
  cancel: async () => (await import("./stop.js")).CANCEL,
  retry: async () => (await import("./go-on.js")).RETRY,
  rollback: async () => (await import("./rollback.js")).ROLLBACK,
  doctor: async () => (await import("./doctor.js")).DOCTOR,
  dashboard: async () => (await import("./dashboard.js")).DASHBOARD,
};

export { Call, type FotaCommand, type OptionManual, Options } from "./command.js";
export { EXIT, EXIT_TEXTS, exitOf } from "./exits.js";
