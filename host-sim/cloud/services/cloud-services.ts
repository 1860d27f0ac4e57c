import { AwsError, type CloudContext } from "../context/context.js";
import type { StoredMembers } from "../context/json.js";
import { MessageBus } from "../context/message-bus.js";
import type { IndexingOptions } from "../indexing/options.js";
import { IndexingService } from "../indexing/service.js";
import { IotRegistry } from "../iot/registry.js";
import type { IotHooks } from "../iot/service.js";
import { thingDeleted, thingJoinedGroup, thingLeftGroup } from "../jobs/membership.js";
import { openJobs } from "../jobs/open-jobs.js";
import type { JobsOptions } from "../jobs/options.js";
import type { JobsService } from "../jobs/service.js";
import { PackageCatalog } from "../packages/catalog.js";
import { PACKAGE_SHADOW, PackagesOfJobs } from "../packages/job-packages.js";
import { PresenceBook } from "../presence/presence-book.js";
import { addressOf } from "../s3/address.js";
import type { ContentStore } from "../s3/contents.js";
import { S3Records } from "../s3/records.js";
import { S3_DEFAULTS, type S3Service, type S3Switches } from "../s3/service.js";
import { updateThingShadow } from "../shadows/operations/update-thing-shadow.js";
import type { ShadowOptions } from "../shadows/options.js";
import { ShadowService } from "../shadows/service.js";
import { CredentialBook } from "../sigv4/credentials.js";
import { presignUrl } from "../sigv4/sign.js";
import { uriEncode } from "../sigv4/signature.js";
import { ObservedStore } from "../store/observed-store.js";

/**
 * The services of the local AWS without any front end: what the servers on sockets and the virtual ones have in common.
 */
export interface CloudServices {
  readonly context: CloudContext;
  readonly registry: IotRegistry;
  readonly jobs: JobsService;
  readonly shadows: ShadowService;
  readonly packages: PackageCatalog;
  readonly presence: PresenceBook;
  readonly indexing: IndexingService;
  readonly bus: MessageBus;
  readonly hooks: IotHooks;
  readonly s3: S3Service;
  readonly credentials: CredentialBook;
  /** A presigned GET URL, signed in the role session, of the S3 object that `url` names in any form. */
  presign(url: string, expiresInSec: number): string;
  close(): void;
}

/** Longest object that is read as a text. */
const MAX_TEXT_BYTES = 1024 * 1024;

export interface ServicesOptions {
  readonly context: CloudContext;
  readonly contents: ContentStore;
  /**
   * Where presigned URLs point: an origin such as `https://localhost:8443` (path style), or undefined to keep the host
   * that the job document names. Asked at each signing, since ports may change with a restart.
   */
  presignOrigin(): string | undefined;
  readonly jobs?: Partial<JobsOptions>;
  readonly s3?: Partial<S3Switches>;
  readonly shadows?: Partial<ShadowOptions>;
  readonly indexing?: Partial<IndexingOptions>;
}

export function createCloudServices(options: ServicesOptions): CloudServices {
  const { contents } = options;
  const store = new ObservedStore(options.context.store);
  const context: CloudContext = {
    ...options.context,
    random: (byteLength) => options.context.random(byteLength),
    store,
  };
  const registry = new IotRegistry(context);
  const credentials = new CredentialBook(context);
  const records = new S3Records(context);
  const s3: S3Service = { context, records, contents, credentials, switches: { ...S3_DEFAULTS, ...options.s3 } };
  contents.keepOnly(records.contentIds());

  const presign = (url: string, expiresInSec: number) =>
    presignUrl(locate(url, options.presignOrigin()), {
      credentials: credentials.roleSession(),
      region: context.region,
      service: "s3",
      now: context.clock.now(),
      expiresInSec,
    });
  const shadows = new ShadowService({
    context,
    registry,
    ...(options.shadows === undefined ? {} : { options: options.shadows }),
  });
  const presence = new PresenceBook(context, registry);
  const indexing = new IndexingService(
    context,
    { registry, shadows: shadows.store, presence, store },
    options.indexing,
  );
  const packages = new PackageCatalog(context);
  const jobs = openJobs({
    context,
    registry,
    packages: new PackagesOfJobs(packages, (thingName, reported) => reportPackages(shadows, thingName, reported)),
    presign,
    readS3Object: (url) => readText(s3, url),
    ...(options.jobs === undefined ? {} : { options: options.jobs }),
  });
  const hooks: IotHooks = {
    thingJoinedGroup: (change) => thingJoinedGroup(jobs, change),
    thingLeftGroup: (change) => thingLeftGroup(jobs, change),
    thingDeleted: (change) => thingDeleted(jobs, change),
  };
  const close = () => {
    jobs.close();
    shadows.close();
  };
  return {
    context,
    registry,
    jobs,
    shadows,
    packages,
    presence,
    indexing,
    bus: new MessageBus(),
    hooks,
    s3,
    credentials,
    presign,
    close,
  };
}

/** What a job installed is told in the shadow `$package`; that there is no room for it is no reason to fail the job. */
function reportPackages(shadows: ShadowService, thingName: string, reported: StoredMembers): void {
  try {
    updateThingShadow(shadows, { thingName, shadowName: PACKAGE_SHADOW }, { state: { reported } });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    shadows.context.log(`packages: ${thingName}: ${error.message}`);
  }
}

/** The same object's URL at `origin` in path style, or `url` without query when there is no origin. */
function locate(url: string, origin: string | undefined): string {
  const { host, pathname } = new URL(url);
  if (origin === undefined) return `https://${host}${pathname}`;
  const { bucket = "", key = "" } = addressOf(host, pathname);
  return `${origin}/${bucket}/${key.split("/").map(uriEncode).join("/")}`;
}

/** Undefined for text that is no URL, names no object, or one that is longer than any job document. */
function readText(s3: S3Service, url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  const { bucket, key } = addressOf(host, pathname);
  const record = bucket === undefined || key === undefined ? undefined : s3.records.object(bucket, key);
  if (record === undefined || record.size > MAX_TEXT_BYTES) return undefined;
  const source = s3.contents.open(record.contentId);
  try {
    return Buffer.from(source.read(0, record.size)).toString("utf8");
  } finally {
    source.close();
  }
}
