/** Firmware updates by AWS IoT Jobs: from the job document to the terminal status that the new image earned. @module */

export { isPackageName } from "../fleet-report/index.js";
export { AwsFota } from "./aws-fota.js";
export type { AgentErrorCode, Disposition, FotaErrorCode } from "./errors.js";
export { DISPOSITIONS, FotaError } from "./errors.js";
export type { FotaEffect, FotaEvent, FotaState, FotaTransition } from "./fota-state.js";
export { TRANSITIONS } from "./fota-state.js";
export type { DocumentOutcome } from "./job-document.js";
export { parseJobDocument } from "./job-document.js";
export type {
  AwsFotaOptions,
  DownloadTuning,
  FotaCallbacks,
  FotaDecision,
  FotaOffer,
  OtherJob,
  RollbackInfo,
} from "./options.js";
export type { ClockPort, DigestConstructor, FotaPorts, StorePort, TimerPort } from "./ports.js";
export type { KeyBytes, SigningKey } from "./signing-keys.js";
export type { Bill } from "./status-details.js";
export type { UpdateDocument } from "./update-document.js";
