import { type Aws, accountOf, partitionOf, type Target, Things } from "../aws/index.js";
import { ImageStore, type StoredImage } from "../bucket/index.js";
import { FotaError, usage } from "../failure/index.js";
import {
  createJob,
  executionsOfJob,
  findJob,
  isOpen,
  type JobSettings,
  type JobView,
  jobDocument,
  jobIdFor,
  jobMembers,
  REASON,
  readDocument,
  readJobDocument,
  type StopView,
  settingsInWords,
  stopJob,
  viewStop,
  writeNote,
} from "../jobs/index.js";

export type RollbackWish = {
  /** A job whose devices shall go back, or a thing group. */
  readonly what: string;
  readonly version: string;
  readonly project?: string | undefined;
  readonly bucket: string;
  readonly role: string;
  readonly settings: JobSettings;
  /** Default: one that follows from what goes back, to what. */
  readonly jobId?: string | undefined;
};

export type RollbackPlan = {
  readonly jobId: string;
  readonly things: readonly string[];
  readonly lines: readonly string[];
  perform(said: (text: string) => void): Promise<{ readonly job: JobView; readonly made: boolean }>;
};

/**
 * Takes devices back to an image that is in the bucket: those that a job brought something else, or those of a group.
 * A job that still runs is stopped first.
 * @throws FotaError
 */
export async function planRollback(aws: Aws, wish: RollbackWish): Promise<RollbackPlan> {
  const store = new ImageStore(aws, wish.bucket);
  const job = await findJob(aws, wish.what);
  const stop = job === undefined ? undefined : await viewStop(aws, job.jobId);
  const before = job === undefined ? undefined : readDocument(await readJobDocument(aws, job.jobId));
  const image = await findImage(store, wish.version, wish.project ?? before?.project);
  if (before?.sha256 === image.sha256) throw usage(`${wish.version} is what ${wish.what} brought`);
  const { targets, names } = stop === undefined ? await ofGroup(aws, wish.what) : await ofJob(aws, stop);
  const jobId = wish.jobId ?? jobIdFor(image.version, "rollback", wish.what, image.sha256, names);
  const isRunning = job !== undefined && isOpen(job);
  const note = {
    version: image.version,
    things: names.length,
    after: { job: job?.jobId ?? "", how: "rollback" as const },
  };
  const lines = [
    ...(isRunning ? [`stops the job ${job.jobId}`] : []),
    `takes ${names.length} things back to ${image.version} (s3://${wish.bucket}/${image.key}) by the job ${jobId}`,
    "devices take an older version only where their firmware sets allowForcedDowngrade; others answer downgrade",
    ...(image.signature === undefined ? ["the image is UNSIGNED: most devices refuse it"] : []),
    ...settingsInWords(wish.settings, names.length),
  ];
  return {
    jobId,
    things: names,
    lines,
    async perform(said) {
      if (stop !== undefined && isRunning)
        await stopJob(aws, stop, { reason: REASON.rollback, comment: `taken back by ${jobId}`, force: false });
      const made = targets ?? (await new Things(aws).asTargets(names, `${jobId}-things`, said));
      const arn = made[0]?.arn ?? "";
      const { role } = wish;
      const roleArn = role.startsWith("arn:") ? role : `arn:${partitionOf(arn)}:iam::${accountOf(arn)}:role/${role}`;
      const { version, project, size, sha256, signature, keyId } = image;
      const url = await store.placeholder(image.key);
      return await createJob(aws, {
        jobId,
        targets: made,
        document: jobDocument({ version, project, size, sha256, url, signature, keyId, force: true }),
        description: writeNote(note),
        continuous: false,
        members: jobMembers(wish.settings, roleArn, names.length),
      });
    },
  };
}

async function findImage(store: ImageStore, version: string, project: string | undefined): Promise<StoredImage> {
  const known = project === "" ? undefined : project;
  const keys = await store.keysOfVersion(version, known);
  const [key, ...more] = keys;
  const where = `s3://${store.bucket}`;
  if (key === undefined)
    throw usage(
      `there is no image ${version}${known === undefined ? "" : ` of ${known}`} in ${where}`,
      `publish puts it there; aws s3 ls --recursive ${where}/fota/`,
    );
  if (more.length > 0)
    throw usage(
      `${version} is ${keys.length} images in ${where}: ${keys.join(", ")}`,
      "--project NAME, or publish the one that is meant with --force",
    );
  const image = await store.find(key);
  if (image === undefined || image.sha256 === "")
    throw new FotaError("not-possible", `${where}/${key} was not put there by this tool`);
  return image;
}

async function ofGroup(aws: Aws, name: string): Promise<{ targets: readonly Target[]; names: readonly string[] }> {
  const things = new Things(aws);
  const group = await things.group(name);
  if (group === undefined) throw usage(`there is no job and no thing group ${name}`);
  const names = await things.members(name);
  if (names.length === 0) throw usage(`no thing is in ${name}`);
  return { targets: [group], names };
}

/** Those that have it, and those that will in a moment. */
async function ofJob(
  aws: Aws,
  { job, pastBootFlag }: StopView,
): Promise<{ targets: undefined; names: readonly string[] }> {
  const names = [...pastBootFlag];
  if (job.counts.SUCCEEDED > 0)
    for await (const { thing } of executionsOfJob(aws, job.jobId, "SUCCEEDED")) names.push(thing);
  if (names.length === 0)
    throw new FotaError("not-possible", `no device has got ${job.jobId}: there is nothing to take back`);
  return { targets: undefined, names: [...new Set(names)].sort() };
}
