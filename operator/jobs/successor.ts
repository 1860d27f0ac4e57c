import { adviceFor } from "../advice/index.js";
import { type Aws, Things, targetOfArn } from "../aws/index.js";
import { FotaError } from "../failure/index.js";
import { createJob, jobIdFor } from "./create-job.js";
import { withForce } from "./document.js";
import { executionsOfJob, inParallel, readExecution } from "./executions.js";
import { type JobNote, writeNote } from "./job-note.js";
import type { JobMembers } from "./job-settings.js";
import { type JobView, readJob, readJobDocument } from "./job-view.js";
import { isWaiting } from "./watch.js";

/** A job that goes on where another one ended, for some of its things. */
export type Successor = {
  readonly after: JobView;
  readonly how: "resume" | "retry";
  readonly jobId: string;
  readonly things: readonly string[];
  /** Things that are left out, by the code that says why. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly force: boolean;
};

/**
 * The things of a stopped job that have not begun.
 * @throws FotaError "not-possible" for a job that is not stopped, or has nothing left
 */
export async function planResume(aws: Aws, jobId: string, name?: string): Promise<Successor> {
  const job = await readJob(aws, jobId);
  if (job.status !== "CANCELED") throw new FotaError("not-possible", `the job ${jobId} is ${job.status}, not stopped`);
  if (isWaiting(job))
    throw new FotaError("not-possible", `${jobId} was stopped before its rest was released: publish it again`, {
      mend: ["publish with --job NAME makes a new job of the same image"],
    });
  const targets = job.targets.flatMap((arn) => targetOfArn(arn) ?? []);
  const left = new Set(await new Things(aws).behind(targets));
  for await (const { thing, status } of executionsOfJob(aws, jobId)) if (status !== "CANCELED") left.delete(thing);
  return successor({ after: job, how: "resume", things: [...left], leftOut: {}, force: false, name });
}

/**
 * The things of a job that failed. Those whose code says that another attempt cannot help are left out, unless it is
 * forced: then devices also take the image that they refuse since.
 * @throws FotaError "not-possible" for a job without such things
 */
export async function planRetry(
  aws: Aws,
  jobId: string,
  { force, name }: { readonly force: boolean; readonly name?: string | undefined },
): Promise<Successor> {
  const job = await readJob(aws, jobId);
  const lines = [];
  for (const status of ["FAILED", "TIMED_OUT", "REJECTED"] as const)
    if (job.counts[status] > 0) for await (const line of executionsOfJob(aws, jobId, status)) lines.push(line);
  const read = await inParallel(lines, (line) => readExecution(aws, line));
  const things: string[] = [];
  const leftOut: Record<string, number> = {};
  for (const execution of read) {
    if (execution === undefined) continue;
    const { code = "" } = execution.details;
    const isHopeless = execution.status !== "TIMED_OUT" && adviceFor(code)?.retry === "no";
    if (isHopeless && !(force && code !== "same-version")) leftOut[code] = (leftOut[code] ?? 0) + 1;
    else things.push(execution.thing);
  }
  return successor({ after: job, how: "retry", things, leftOut, force, name });
}

type Chosen = Omit<Successor, "jobId"> & {
  /** Default: an id that follows from the job and the things. */
  readonly name: string | undefined;
};

function successor({ after, how, things, leftOut, force, name }: Chosen): Successor {
  const sorted = [...things].sort();
  const { jobId, note } = after;
  if (sorted.length === 0) {
    const codes = Object.entries(leftOut).map(([code, count]) => `${count} ${code}`);
    throw new FotaError(
      "not-possible",
      `${jobId} has nothing to ${how}${codes.length === 0 ? "" : `: ${codes.join(", ")}`}`,
      {
        mend:
          codes.length === 0
            ? []
            : ["another attempt cannot help these; --force tries it, or publish a corrected image"],
      },
    );
  }
  const id = name ?? jobIdFor(note?.version ?? "", jobId, how, sorted, force ? "force" : "");
  return { after, how, jobId: id, things: sorted, leftOut, force };
}

/** What would be made, in words. */
export function successorInWords({ after, how, jobId, things, leftOut }: Successor): string[] {
  return [
    `${how} of ${after.jobId}: the job ${jobId} for ${things.length} things`,
    ...Object.entries(leftOut).map(([code, count]) => `left out: ${count} ${code}, which another attempt cannot help`),
  ];
}

/** Makes the job. The same call twice makes one. @throws FotaError */
export async function makeSuccessor(
  aws: Aws,
  { after, how, jobId, things, force }: Successor,
  said: (text: string) => void,
): Promise<{ readonly job: JobView; readonly made: boolean }> {
  const document = await readJobDocument(aws, after.jobId);
  const note: JobNote = {
    version: after.note?.version ?? "",
    things: things.length,
    after: { job: after.jobId, how },
  };
  return await createJob(aws, {
    jobId,
    targets: await new Things(aws).asTargets(things, `${jobId}-things`, said),
    document: force ? withForce(document, true) : document,
    description: writeNote(note),
    continuous: false,
    members: membersOf(after, things.length),
  });
}

/** As the job before had them. A share of failures is looked at from the first devices on, as there may be few. */
function membersOf({ job }: JobView, things: number): JobMembers {
  const { presignedUrlConfig, jobExecutionsRolloutConfig, timeoutConfig, jobExecutionsRetryConfig } = job;
  const criteria = (job.abortConfig?.criteriaList ?? []).map((criterion) => ({
    ...criterion,
    minNumberOfExecutedThings: Math.max(1, Math.min(criterion.minNumberOfExecutedThings ?? 1, things)),
  }));
  return {
    ...(presignedUrlConfig === undefined ? {} : { presignedUrlConfig }),
    ...(jobExecutionsRolloutConfig === undefined ? {} : { jobExecutionsRolloutConfig }),
    ...(timeoutConfig === undefined ? {} : { timeoutConfig }),
    ...(jobExecutionsRetryConfig === undefined ? {} : { jobExecutionsRetryConfig }),
    ...(criteria.length === 0 ? {} : { abortConfig: { criteriaList: criteria } }),
  };
}
