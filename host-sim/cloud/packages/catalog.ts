import { arnOf } from "../context/arns.js";
import { AwsError, type CloudContext, type Stored } from "../context/context.js";
import { VERSION_NAME } from "./limits.js";
import type { JobsConfig, PackageRecord, VersionRecord } from "./records.js";

/** A package and one of its versions. */
export interface PackageVersion {
  readonly packageName: string;
  readonly versionName: string;
}

/** The Software Package Catalog over the store. The operations are functions over it, one file each. */
export class PackageCatalog {
  readonly context: CloudContext;

  constructor(context: CloudContext) {
    this.context = context;
  }

  get now(): number {
    return this.context.clock.now();
  }

  package(packageName: string): PackageRecord | undefined {
    return this.#get<PackageRecord>("package", packageName);
  }

  version(packageName: string, versionName: string): VersionRecord | undefined {
    return this.#get<VersionRecord>("version", packageName, versionName);
  }

  /** @throws AwsError `ResourceNotFound` */
  existingPackage(packageName: string): PackageRecord {
    const found = this.package(packageName);
    if (found === undefined) throw new AwsError("ResourceNotFound", `Package ${packageName} does not exist`);
    return found;
  }

  /** @throws AwsError `ResourceNotFound` */
  existingVersion(packageName: string, versionName: string): VersionRecord {
    const found = this.version(packageName, versionName);
    if (found !== undefined) return found;
    throw new AwsError("ResourceNotFound", `Version ${versionName} of package ${packageName} does not exist`);
  }

  *packages(): Iterable<PackageRecord> {
    yield* this.#list<PackageRecord>("package");
  }

  *versions(packageName: string): Iterable<VersionRecord> {
    yield* this.#list<VersionRecord>("version", packageName);
  }

  putPackage(record: PackageRecord): void {
    this.context.store.put(["packages", "package", record.packageName], record);
  }

  putVersion(record: VersionRecord): void {
    this.context.store.put(["packages", "version", record.packageName, record.versionName], record);
  }

  removePackage(packageName: string): void {
    this.context.store.remove(["packages", "package", packageName]);
  }

  removeVersion({ packageName, versionName }: PackageVersion): void {
    this.context.store.remove(["packages", "version", packageName, versionName]);
  }

  get jobsConfig(): JobsConfig | undefined {
    return this.#get<JobsConfig>("jobs-config");
  }

  putJobsConfig(config: JobsConfig): void {
    this.context.store.put(["packages", "jobs-config"], config);
  }

  packageArn(packageName: string): string {
    return arnOf(this.context, "package", packageName);
  }

  versionArn({ packageName, versionName }: PackageVersion): string {
    return `${this.packageArn(packageName)}/version/${versionName}`;
  }

  /** The version that an ARN of this account and region names, `$null` among them; undefined for anything else. */
  parseVersionArn(arn: string): PackageVersion | undefined {
    const prefix = arnOf(this.context, "package", "");
    if (!arn.startsWith(prefix)) return undefined;
    const [packageName = "", word, versionName = "", ...more] = arn.slice(prefix.length).split("/");
    const isVersion = VERSION_NAME.test(versionName) || versionName === "$null";
    return word === "version" && isVersion && more.length === 0 ? { packageName, versionName } : undefined;
  }

  // What is read under a key is what this class put there, which is why the two casts below hold.
  #get<T extends Stored>(...key: readonly string[]): T | undefined {
    return this.context.store.get(["packages", ...key]) as T | undefined;
  }

  *#list<T extends Stored>(...prefix: readonly string[]): Iterable<T> {
    for (const { value } of this.context.store.list(["packages", ...prefix])) yield value as T;
  }
}
