import type { JobExecution } from "../aws-jobs/index.js";
import type { FotaError } from "./errors.js";
import type { JobRecord } from "./fota-record.js";
import type { DocumentOutcome } from "./job-document.js";
import { type LoadedPart, NOTHING_LOADED } from "./loaded-part.js";
import type { FotaOffer } from "./options.js";
import type { UpdateDocument } from "./update-document.js";

/** Which execution a job is: one object for its whole life here. */
export type JobIdentity = {
  readonly jobId: string;
  readonly executionNumber: number;
  /** Seconds since 1970; undefined when the record is of an older firmware. */
  readonly queuedAt: number | undefined;
};

/** The execution that is worked on. */
export type JobView = {
  readonly identity: JobIdentity;
  /** As far as known; REJECTED is the only way out of QUEUED. */
  readonly status: "QUEUED" | "IN_PROGRESS";
  /** The document; undefined when it cannot be used, and after a restart until the service sent it again. */
  readonly update: UpdateDocument | undefined;
  /** Why the document cannot be used. */
  readonly fault: FotaError | undefined;
  /** `clock.ticks()` at which the document came: presigned URLs age from there. */
  readonly documentAt: number;
  readonly record: JobRecord;
  /** Bytes on flash were written before this start: if they prove wrong, load once more. */
  readonly resumed: boolean;
};

export function jobFromRecord(record: JobRecord): JobView {
  const { jobId, executionNumber, queuedAt } = record;
  return {
    identity: { jobId, executionNumber, queuedAt },
    status: "IN_PROGRESS",
    update: undefined,
    fault: undefined,
    documentAt: 0,
    record,
    resumed: true,
  };
}

/** A job that begins: nothing is loaded yet. */
export function jobFromExecution(
  { jobId, executionNumber, queuedAt, status }: Pick<JobExecution, "jobId" | "executionNumber" | "queuedAt" | "status">,
  outcome: DocumentOutcome,
  { from, to, slot }: Pick<JobRecord, "from" | "to" | "slot">,
  now: number,
): JobView {
  const update = outcome.kind === "update" ? outcome.update : undefined;
  return {
    identity: { jobId, executionNumber, queuedAt },
    status: status === "QUEUED" ? "QUEUED" : "IN_PROGRESS",
    update,
    fault: outcome.kind === "invalid" ? outcome.error : undefined,
    documentAt: now,
    record: {
      jobId,
      executionNumber,
      queuedAt,
      from,
      to: to ?? update?.version,
      slot,
      size: update?.size,
      digest: update?.digest,
      offset: 0,
      attempts: 0,
    },
    resumed: false,
  };
}

/**
 * Whether what the record describes and what the document asks for can be the same image (design rule R4: never by
 * URL).
 */
export function isSameContent(record: JobRecord, update: UpdateDocument): boolean {
  const agrees = <T>(known: T | undefined, asked: T | undefined) =>
    known === undefined || asked === undefined || known === asked;
  return agrees(record.to, update.version) && agrees(record.size, update.size) && agrees(record.digest, update.digest);
}

/** What a download may go on with: only what is bound to the content by an entity tag or a digest counts. */
export function loadedPart({ offset, erasedTo = 0, size, etag, digest, patch }: JobRecord): LoadedPart {
  const isBound = etag !== undefined || digest !== undefined;
  if (!isBound || size === undefined || (offset === 0 && erasedTo === 0)) return NOTHING_LOADED;
  return { offset, erasedTo, size, etag, patch };
}

/** The record without what was loaded. */
export function nothingLoaded(record: JobRecord, update: UpdateDocument | undefined): JobRecord {
  return { ...record, offset: 0, erasedTo: undefined, size: update?.size, etag: undefined, patch: undefined };
}

/** The record with what was loaded; a `size` of 0 stands for nothing. */
export function withImage(record: JobRecord, { offset, erasedTo, size, etag, patch }: LoadedPart): JobRecord {
  return {
    ...record,
    offset,
    erasedTo: erasedTo > offset ? erasedTo : undefined,
    size: size === 0 ? record.size : size,
    etag,
    patch,
  };
}

export function offerOf({ identity: { jobId, executionNumber }, record, update }: JobView): FotaOffer {
  return {
    jobId,
    executionNumber,
    from: record.from,
    to: record.to,
    size: record.size,
    force: update?.force ?? false,
  };
}
