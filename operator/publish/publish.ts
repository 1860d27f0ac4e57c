import { type Aws, accountOf, partitionOf, type Target, Things } from "../aws/index.js";
import { ImageStore, type NewImage } from "../bucket/index.js";
import { usage } from "../failure/index.js";
import {
  type CanaryNote,
  createJob,
  type DocumentPatch,
  findJob,
  type JobNote,
  type JobSettings,
  type JobView,
  jobDocument,
  jobIdFor,
  jobMembers,
  MAX_PATCHES,
  settingsInWords,
  writeNote,
} from "../jobs/index.js";
import { makePatch } from "../patch/index.js";
import { digestOf, isSignatureOf, type SigningKey, signatureOf } from "../signing/index.js";
import type { LocalImage } from "./check-image.js";
import { needPackageVersion, type PackageVersion, packageArn } from "./package-version.js";
import { type CanaryWish, planCanary } from "./plan-canary.js";

/** What is wanted of {@link planPublish}. */
export type PublishWish = {
  readonly image: LocalImage;
  readonly to: readonly string[];
  readonly bucket: string;
  /** ARN or name of the role that AWS IoT signs URLs with. */
  readonly role: string;
  /** None: the image is published without a signature. */
  readonly key: SigningKey | undefined;
  readonly keyId?: string | undefined;
  /** Images that devices may run: each gets a patch. */
  readonly bases?: readonly LocalImage[] | undefined;
  /** Also a patch that needs no base. */
  readonly compressed?: boolean | undefined;
  readonly canary?: CanaryWish | undefined;
  readonly settings: JobSettings;
  /** What AWS notes as installed when a device has it. */
  readonly package?: PackageVersion | undefined;
  readonly force?: boolean | undefined;
  /** Default: one that follows from content and targets. */
  readonly jobId?: string | undefined;
};

/** What is going to happen, decided before anything does. */
export type PublishPlan = {
  readonly jobId: string;
  /** The job when it is there already. */
  readonly existing: JobView | undefined;
  readonly uploads: readonly NewImage[];
  /** For whoever has to agree. */
  readonly lines: readonly string[];
  /** @param said hears what is done */
  perform(said: (text: string) => void, progress: (sent: number, of: number) => void): Promise<Published>;
};

export type Published = {
  readonly jobId: string;
  readonly made: boolean;
  readonly status: string;
  readonly bucket: string;
  readonly key: string;
  readonly document: string;
  readonly things: number;
  readonly canary: number;
};

/** Asks AWS what is there, makes the patches, and changes nothing. @throws FotaError */
export async function planPublish(aws: Aws, wish: PublishWish): Promise<PublishPlan> {
  const { image, settings } = wish;
  const { version, project, sha256, size } = image.facts;
  const store = new ImageStore(aws, wish.bucket);
  const things = new Things(aws);
  const targets = await resolved(things, wish.to);
  const wanted = await things.behind(targets);
  if (wanted.length === 0) throw usage(`no thing is in ${wish.to.join(", ")}`);
  const signer = wish.key === undefined ? "" : digestOf(wish.key.publicKey);
  const content = [sha256, targets.map(({ arn }) => arn).sort(), wish.force === true ? "force" : "", signer];
  const jobId = wish.jobId ?? jobIdFor(version, ...content);
  const canary = wish.canary === undefined ? undefined : await planCanary(things, wish.canary, targets, wanted, sha256);
  // A group of canaries need not be among the targets.
  const names =
    typeof wish.canary?.first === "string" ? await things.behind([...targets, ...(canary?.targets ?? [])]) : wanted;
  const existing = await findJob(aws, jobId);
  const { whole, isThere, signed } = await toStore(store, wish);
  const { key: objectKey } = whole;
  const { patches, files } = existing === undefined ? await makePatches(store, wish) : { patches: [], files: [] };
  const uploads = existing === undefined ? [...(isThere ? [] : [whole]), ...files] : [];
  const roleArn = wish.role.startsWith("arn:") ? wish.role : roleArnIn(targets, wish.role);
  const note = noteOf(wish, names.length, canary === undefined ? undefined : canaryNote(wish.canary, canary, jobId));
  // Among the canaries alone fewer have to be there, unless it is said how many.
  const looked = settings.stopAfter === undefined && canary !== undefined ? canary.things : names.length;
  const url = await store.placeholder(objectKey);
  const parts = { version, project, size, sha256, url, ...signed, patches };
  const document = jobDocument({ ...parts, ...(wish.force === true ? { force: true } : {}) });
  const description = writeNote(note);
  if (canary !== undefined && description === undefined)
    throw usage("too many groups for a canary: the plan does not fit the job's description");
  return {
    jobId,
    existing,
    uploads,
    lines: planLines({ wish, jobId, existing, uploads, targets, note, looked }),
    async perform(said, progress) {
      const total = uploads.reduce((sum, { bytes }) => sum + bytes.length, 0);
      let before = 0;
      for (const file of uploads) {
        await store.put(file, (sent) => progress(before + sent, total));
        before += file.bytes.length;
        said(`s3://${wish.bucket}/${file.key}: ${file.bytes.length} bytes`);
      }
      if (canary !== undefined && canary.loose.length > 0 && existing === undefined)
        await things.groupOf(canary.loose, looseGroup(jobId), said);
      const like = targets[0]?.arn ?? "";
      if (wish.package !== undefined && existing === undefined) await needPackageVersion(aws, wish.package);
      const { job, made } = await createJob(aws, {
        jobId,
        targets: canary?.targets ?? targets,
        document,
        description,
        continuous: canary !== undefined || "cron" in (settings.schedule ?? {}),
        members: jobMembers(settings, roleArn, looked),
        packageVersions: wish.package === undefined ? [] : [await packageArn(aws, wish.package, like)],
      });
      const { status } = job;
      const published = { jobId, made, status, bucket: wish.bucket, key: objectKey, document };
      return { ...published, things: names.length, canary: canary?.things ?? 0 };
    },
  };
}

type StoreWish = Pick<PublishWish, "image" | "key" | "keyId">;

/** The image as it goes into the bucket, and whether it is there. One or two requests. */
async function toStore(store: ImageStore, { image, key, keyId }: StoreWish) {
  const { version, project, chip, sha256, size } = image.facts;
  const objectKey = store.keyOf(image.facts);
  const stored = await store.find(objectKey);
  // A signature differs each time it is made: one of the same key that is there is as good.
  const isSigned = key !== undefined && isSignatureOf(image.bytes, stored?.signature ?? "", key);
  const signature = key === undefined ? undefined : isSigned ? stored?.signature : signatureOf(image.bytes, key);
  const signed = key === undefined ? {} : { signature, keyId };
  const whole: NewImage = { key: objectKey, bytes: image.bytes, project, version, chip, sha256, ...signed };
  const isSame = stored?.sha256 === sha256 && stored.size === size;
  // Published without a signature, it keeps the one that it has for a way back.
  const isThere = isSame && (key === undefined || (isSigned && stored.keyId === keyId));
  return { whole, isThere, signed };
}

/** Puts an image into the bucket, without a job. @throws FotaError */
export async function storeImage(
  aws: Aws,
  wish: StoreWish & { readonly bucket: string },
  progress: (sent: number, of: number) => void,
): Promise<{ readonly bucket: string; readonly key: string; readonly made: boolean }> {
  const store = new ImageStore(aws, wish.bucket);
  const { whole, isThere } = await toStore(store, wish);
  if (!isThere) await store.put(whole, (sent) => progress(sent, whole.bytes.length));
  return { bucket: wish.bucket, key: whole.key, made: !isThere };
}

/** @throws FotaError "usage" for a name twice */
async function resolved(things: Things, to: readonly string[]): Promise<readonly Target[]> {
  const targets = await Promise.all(to.map((name) => things.target(name)));
  return [...new Map(targets.map((target) => [target.arn, target])).values()];
}

function roleArnIn(targets: readonly Target[], name: string): string {
  const arn = targets[0]?.arn ?? "";
  return `arn:${partitionOf(arn)}:iam::${accountOf(arn)}:role/${name}`;
}

async function makePatches(
  store: ImageStore,
  { image, bases = [], compressed = false }: PublishWish,
): Promise<{ readonly patches: readonly DocumentPatch[]; readonly files: readonly NewImage[] }> {
  if (bases.length === 0 && !compressed) return { patches: [], files: [] };
  const made = bases.length + (compressed ? 1 : 0);
  if (made > MAX_PATCHES) throw usage(`${made} patches: devices read ${MAX_PATCHES} at most`);
  const patches: DocumentPatch[] = [];
  const files: NewImage[] = [];
  for (const from of [...bases, ...(compressed ? [undefined] : [])]) {
    const bytes = makePatch({ from: from?.bytes, to: image.bytes });
    // One that saves nothing costs the devices a try.
    if (bytes.length >= image.bytes.length) continue;
    const key = store.patchKeyOf(image.facts, from?.facts);
    const { project, version, chip, sha256 } = image.facts;
    files.push({ key, bytes, project, version, chip, sha256 });
    const base =
      from === undefined
        ? undefined
        : { sha256: from.facts.sha256, size: from.facts.size, fwversion: from.facts.version };
    patches.push({ ...(base === undefined ? {} : { base }), size: bytes.length, url: await store.placeholder(key) });
  }
  return { patches, files };
}

function canaryNote(
  wish: CanaryWish | undefined,
  plan: { readonly things: number; readonly rest: readonly Target[]; readonly loose: readonly string[] },
  jobId: string,
): CanaryNote | undefined {
  if (wish === undefined) return undefined;
  const rest = [...plan.rest.map(({ name }) => name), ...(plan.loose.length > 0 ? [looseGroup(jobId)] : [])];
  return { things: plan.things, rest, soak: wish.soak, fail: wish.fail };
}

/** The group that is made for things that were named one by one and come after the canaries. */
function looseGroup(jobId: string): string {
  return `${jobId}-rest`;
}

function noteOf(wish: PublishWish, things: number, canary: CanaryNote | undefined): JobNote {
  const { version } = wish.image.facts;
  return { version, things, ...(canary === undefined ? {} : { canary }) };
}

type Planned = {
  readonly wish: PublishWish;
  readonly jobId: string;
  readonly existing: JobView | undefined;
  readonly uploads: readonly NewImage[];
  readonly targets: readonly Target[];
  readonly note: JobNote;
  /** Executions that the share of failures is of, at the least. */
  readonly looked: number;
};

function planLines({ wish, jobId, existing, uploads, targets, note, looked }: Planned): readonly string[] {
  const { version, project, chip, size } = wish.image.facts;
  const who = targets.map(({ kind, name }) => (kind === "thing" ? name : `group ${name}`)).join(", ");
  const head = `${project} ${version} for ${chip}, ${size} bytes, ${wish.key === undefined ? "UNSIGNED" : "signed"}`;
  if (existing !== undefined)
    return [head, `the job ${jobId} is there already (${existing.status}), with the settings it was made with`];
  const { canary } = note;
  return [
    head,
    ...uploads.map(({ key, bytes }) => `uploads ${bytes.length} bytes to s3://${wish.bucket}/${key}`),
    `makes the job ${jobId} for ${note.things} things: ${who}`,
    ...(canary === undefined
      ? []
      : [
          `first ${canary.things} of them; the rest when these have been well for ${canary.soak} minutes ` +
            `and at most ${canary.fail} % failed (fota release ${jobId})`,
        ]),
    ...(wish.package === undefined
      ? []
      : [`devices that have it are noted to have the package ${wish.package.name} ${wish.package.version}`]),
    ...settingsInWords(wish.settings, looked),
  ];
}
