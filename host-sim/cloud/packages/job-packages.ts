import { invalidRequest } from "../context/fields.js";
import type { StoredMembers } from "../context/json.js";
import type { PackageCatalog, PackageVersion } from "./catalog.js";
import { NO_VERSION } from "./limits.js";
import { substitutePackages } from "./substitution.js";

/** The reserved named shadow in which the packages of a thing stand. [AWS IoT: Reserved named shadow] */
export const PACKAGE_SHADOW = "$package";

/** Reports packages of a thing in its shadow; null takes one away. */
export type ReportPackages = (thingName: string, packages: StoredMembers) => void;

/** What the Software Package Catalog is to Jobs. */
export class PackagesOfJobs {
  readonly #catalog: PackageCatalog;
  readonly #report: ReportPackages;

  constructor(catalog: PackageCatalog, report: ReportPackages) {
    this.#catalog = catalog;
    this.#report = report;
  }

  check(destinations: readonly string[]): void {
    for (const destination of this.#versions(destinations)) {
      const { packageName, versionName } = destination;
      if (versionName === NO_VERSION) this.#catalog.existingPackage(packageName);
      else if (this.#catalog.existingVersion(packageName, versionName).status === "DRAFT") {
        throw invalidRequest(`version ${versionName} of package ${packageName} is a draft`);
      }
    }
  }

  substitute(document: string, destinations: readonly string[]): string {
    return substitutePackages(this.#catalog, document, this.#versions(destinations));
  }

  /** Written only where UpdatePackageConfiguration has turned that on. */
  installed(thingName: string, destinations: readonly string[]): void {
    if (this.#catalog.jobsConfig?.enabled !== true) return;
    const packages = this.#versions(destinations).map(({ packageName, versionName }) => [
      packageName,
      versionName === NO_VERSION ? null : { version: versionName, attributes: {} },
    ]);
    this.#report(thingName, Object.fromEntries(packages));
  }

  #versions(destinations: readonly string[]): readonly PackageVersion[] {
    return destinations.map((arn) => {
      const version = this.#catalog.parseVersionArn(arn);
      if (version !== undefined) return version;
      throw invalidRequest(`not the ARN of a package version of this account: ${arn.slice(0, 200)}`);
    });
  }
}
