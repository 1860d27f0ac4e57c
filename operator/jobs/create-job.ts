import { createHash } from "node:crypto";
import { CreateJobCommand, type CreateJobCommandInput } from "@aws-sdk/client-iot";
import type { Aws, Target } from "../aws/index.js";
import { FotaError } from "../failure/index.js";
import type { JobMembers } from "./job-settings.js";
import { findJob, type JobView } from "./job-view.js";

/** Letters of the hash in a job's id: 60 bits. */
const HASH_LETTERS = 12;
const VERSION_LETTERS = 24;

/** A job to be made. */
export type NewJob = {
  readonly jobId: string;
  readonly targets: readonly Target[];
  readonly document: string;
  readonly description: string | undefined;
  readonly continuous: boolean;
  readonly members: JobMembers;
  /** ARNs of package versions. */
  readonly packageVersions?: readonly string[] | undefined;
};

/** The id of a job follows from what it does: the same thing asked for twice is one job. */
export function jobIdFor(version: string, ...content: readonly (string | readonly string[])[]): string {
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, HASH_LETTERS);
  const slug = version.replace(/[^a-zA-Z0-9]+/g, "-").slice(0, VERSION_LETTERS);
  return `fota-${slug}-${hash}`;
}

/**
 * Makes a job, unless it is there already.
 * @returns the job, and whether this call made it
 */
export async function createJob(aws: Aws, wanted: NewJob): Promise<{ readonly job: JobView; readonly made: boolean }> {
  const { jobId, targets, document, description, continuous, members, packageVersions } = wanted;
  const before = await findJob(aws, jobId);
  if (before !== undefined) return { job: before, made: false };
  const input: CreateJobCommandInput = {
    jobId,
    targets: targets.map(({ arn }) => arn),
    document,
    targetSelection: continuous ? "CONTINUOUS" : "SNAPSHOT",
    ...(description === undefined ? {} : { description }),
    ...(packageVersions === undefined || packageVersions.length === 0
      ? {}
      : { destinationPackageVersions: [...packageVersions] }),
    ...members,
  };
  let made = true;
  try {
    await aws.asked("iot:CreateJob", `job ${jobId}`, (sending) => aws.iot.send(new CreateJobCommand(input), sending));
  } catch (error) {
    // Somebody else was as quick, or an attempt whose answer was lost has made it.
    if (!(error instanceof FotaError) || error.code !== "already-exists") throw error;
    made = false;
  }
  const job = await findJob(aws, jobId);
  if (job === undefined) throw new FotaError("service", `the job ${jobId} was made and is not there`);
  return { job, made };
}
