export { type FailureCode, FotaError, usage } from "./fota-error.js";
