/** Jobs of AWS IoT as updates: made, read, followed, stopped and gone on with. */
export { createJob, jobIdFor, type NewJob } from "./create-job.js";
export {
  type DocumentParts,
  type DocumentPatch,
  jobDocument,
  MAX_PATCHES,
  type ReadDocument,
  readDocument,
  withForce,
} from "./document.js";
export {
  type Execution,
  type ExecutionLine,
  executionsOfJob,
  executionsOfThing,
  inParallel,
  readExecution,
} from "./executions.js";
export { type CanaryNote, type JobNote, readNote, writeNote } from "./job-note.js";
export { type JobMembers, type JobSettings, jobMembers, type Schedule, settingsInWords } from "./job-settings.js";
export {
  type Counts,
  EXECUTION_STATUSES,
  type ExecutionStatus,
  findJob,
  isOpen,
  type JobLine,
  type JobView,
  latestJobs,
  readJob,
  readJobDocument,
} from "./job-view.js";
export { REASON, type StopView, stopJob, viewStop } from "./stop-job.js";
export { type StopManner, stopInWords } from "./stop-words.js";
export { makeSuccessor, planResume, planRetry, type Successor, successorInWords } from "./successor.js";
export {
  type CodeLine,
  type DeviceLine,
  deviceLine,
  isWaiting,
  type JobLook,
  JobWatch,
  type Outcome,
} from "./watch.js";
