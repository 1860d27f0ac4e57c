export type { CertificateStatus, RegisteredCertificate, Registry } from "../context/registry.js";
export * as control from "./control/index.js";
export * as data from "./data/index.js";
export { type GroupMembership, thingDeleted, thingJoinedGroup, thingLeftGroup } from "./membership.js";
export { answerRequest, isJobsTopic, type RequestAnswer } from "./mqtt/answer-request.js";
export { openJobs } from "./open-jobs.js";
export type { Operation, OperationInput, OperationOutput } from "./operation.js";
export { DEFAULT_JOBS_OPTIONS, type JobsOptions } from "./options.js";
export type { JobsService, JobsSettings } from "./service.js";
