/** What the store keeps of the Software Package Catalog. Times are milliseconds since 1970. */

export type PackageRecord = {
  readonly packageName: string;
  readonly description?: string;
  readonly defaultVersionName?: string;
  /** Of the request that made it: the same request again makes nothing. */
  readonly clientToken?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
};

/** [AWS IoT: Package version lifecycle] */
export type VersionStatus = "DRAFT" | "PUBLISHED" | "DEPRECATED";

/** Where the file of a version is. */
export type Artifact = {
  readonly s3Location: { readonly bucket: string; readonly key: string; readonly version?: string };
};

export type VersionRecord = {
  readonly packageName: string;
  readonly versionName: string;
  readonly description?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly artifact?: Artifact;
  readonly recipe?: string;
  readonly status: VersionStatus;
  readonly clientToken?: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
};

/** Whether Jobs write what they installed into the shadow `$package`. */
export type JobsConfig = { readonly enabled?: boolean; readonly roleArn?: string };
