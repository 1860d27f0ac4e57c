import type { JobExecution } from "../aws-jobs/index.js";
import type { JobRecord } from "./fota-record.js";
import type { FotaOffer } from "./options.js";
import type { UpdateDocument } from "./update-document.js";

/** The execution the agent works on. */
export type ActiveJob = {
  readonly jobId: string;
  readonly executionNumber: number;
  /** Seconds since 1970; undefined when the record is of an older firmware. */
  readonly queuedAt: number | undefined;
  /** As far as known; REJECTED is the only way out of QUEUED. */
  status: "QUEUED" | "IN_PROGRESS";
  /** As received; undefined after a restart, until the service sent it again. */
  document: unknown;
  /** `clock.ticks()` at which the document came: presigned URLs age from there. */
  documentAt: number;
  update: UpdateDocument | undefined;
  record: JobRecord;
  /** Bytes on flash were written before this start, or under another URL's promise: if they prove wrong, load once more. */
  resumed: boolean;
  /** Fresh URLs asked for without a byte gained since. */
  renewals: number;
  renewedAt: number;
};

export function jobFromRecord(record: JobRecord): ActiveJob {
  return {
    jobId: record.jobId,
    executionNumber: record.executionNumber,
    queuedAt: record.queuedAt,
    status: "IN_PROGRESS",
    document: undefined,
    documentAt: 0,
    update: undefined,
    record,
    resumed: true,
    renewals: 0,
    renewedAt: 0,
  };
}

/** A job that begins: nothing is loaded yet. `from` and `slot` are the device's. */
export function jobFromExecution(
  { jobId, executionNumber, queuedAt, status, jobDocument }: JobExecution,
  device: { readonly from: string; readonly slot: string; readonly now: number },
): ActiveJob {
  return {
    jobId,
    executionNumber,
    queuedAt,
    status: status === "QUEUED" ? "QUEUED" : "IN_PROGRESS",
    document: jobDocument,
    documentAt: device.now,
    update: undefined,
    record: { jobId, executionNumber, queuedAt, from: device.from, slot: device.slot, offset: 0, attempts: 0 },
    resumed: false,
    renewals: 0,
    renewedAt: 0,
  };
}

/** Takes what the document says into the record. */
export function withDocument(record: JobRecord, update: UpdateDocument): JobRecord {
  return {
    ...record,
    ...(update.version === undefined ? {} : { to: update.version }),
    ...(update.size === undefined ? {} : { size: update.size }),
    ...(update.digest === undefined ? {} : { digest: update.digest }),
  };
}

/** Whether what the record describes and what the document asks for can be the same image (design rule R4: never by URL). */
export function isSameContent(record: JobRecord, update: UpdateDocument): boolean {
  const agrees = <T>(known: T | undefined, asked: T | undefined) =>
    known === undefined || asked === undefined || known === asked;
  return agrees(record.to, update.version) && agrees(record.size, update.size) && agrees(record.digest, update.digest);
}

/** Where the download may go on: only what is bound to the content by an entity tag or a digest counts. */
export function resumeOffset({ offset, etag, digest }: JobRecord): number {
  return etag === undefined && digest === undefined ? 0 : offset;
}

/** The record without what was loaded. */
export function nothingLoaded(
  { etag: _etag, size: _size, ...record }: JobRecord,
  update: UpdateDocument | undefined,
): JobRecord {
  return { ...record, offset: 0, ...(update?.size === undefined ? {} : { size: update.size }) };
}

export function offerOf({ jobId, executionNumber, record, update }: ActiveJob): FotaOffer {
  return {
    jobId,
    executionNumber,
    from: record.from,
    to: record.to,
    size: record.size,
    force: update?.force ?? false,
  };
}

/** What is remembered of a job that has ended. */
export function endOf({ jobId, executionNumber, queuedAt }: ActiveJob) {
  return { jobId, executionNumber, queuedAt };
}
