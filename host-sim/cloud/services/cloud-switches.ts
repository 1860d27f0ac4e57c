import type { BrokerOptions } from "../broker/options.js";
import type { IndexingOptions } from "../indexing/options.js";
import type { JobsOptions } from "../jobs/options.js";
import type { S3Switches } from "../s3/service.js";
import type { ShadowOptions } from "../shadows/options.js";

export const DEFAULT_REGION = "us-east-1";
export const DEFAULT_ACCOUNT = "000000000000";

/** Open points of the facts and local choices; `docs/local-aws.md` lists them all. */
export interface CloudSwitches {
  readonly region?: string;
  /** Twelve digits. */
  readonly account?: string;
  /** Host of presigned URLs: this cloud's own address (default), or the one in the job document, as on AWS. */
  readonly presignHost?: "local" | "document";
  readonly jobs?: Partial<JobsOptions>;
  readonly broker?: Partial<BrokerOptions>;
  readonly s3?: Partial<S3Switches>;
  readonly shadows?: Partial<ShadowOptions>;
  readonly indexing?: Partial<IndexingOptions>;
}
