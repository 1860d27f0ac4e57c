import { AwsError } from "../context/context.js";
import type { OperationInput } from "../context/fields.js";
import type { RestOutput, RestRoute } from "../message/rest-route.js";
import type { PackageCatalog } from "./catalog.js";
import { createPackage } from "./operations/create-package.js";
import { createPackageVersion } from "./operations/create-package-version.js";
import { deletePackage } from "./operations/delete-package.js";
import { deletePackageVersion } from "./operations/delete-package-version.js";
import { getPackage } from "./operations/get-package.js";
import { getPackageVersion } from "./operations/get-package-version.js";
import { listPackageVersions } from "./operations/list-package-versions.js";
import { listPackages } from "./operations/list-packages.js";
import { getPackageConfiguration, updatePackageConfiguration } from "./operations/package-configuration.js";
import { updatePackage } from "./operations/update-package.js";
import { updatePackageVersion } from "./operations/update-package-version.js";

type PackageOperation = (catalog: PackageCatalog, input: OperationInput) => RestOutput;

const VERSIONS = "/packages/{packageName}/versions";
const TABLE: readonly (readonly [method: string, path: string, operation: PackageOperation])[] = Object.freeze([
  ["PUT", "/packages/{packageName}", createPackage],
  ["GET", "/packages/{packageName}", getPackage],
  ["PATCH", "/packages/{packageName}", updatePackage],
  ["DELETE", "/packages/{packageName}", deletePackage],
  ["GET", "/packages", listPackages],
  ["PUT", `${VERSIONS}/{versionName}`, createPackageVersion],
  ["GET", `${VERSIONS}/{versionName}`, getPackageVersion],
  ["PATCH", `${VERSIONS}/{versionName}`, updatePackageVersion],
  ["DELETE", `${VERSIONS}/{versionName}`, deletePackageVersion],
  ["GET", VERSIONS, listPackageVersions],
  ["GET", "/package-configuration", getPackageConfiguration],
  ["PATCH", "/package-configuration", updatePackageConfiguration],
] as const);

/** The Software Package Catalog over HTTPS. */
export function packageRoutes(catalog: PackageCatalog): RestRoute[] {
  return TABLE.map(([method, path, operation]) => ({
    service: "iot",
    method,
    path,
    run: (input) => worded(() => operation(catalog, input)),
  }));
}

/** These operations have a name of their own for what the others call `InvalidRequest`. */
function worded(run: () => RestOutput): RestOutput {
  try {
    return run();
  } catch (error) {
    throw error instanceof AwsError && error.code === "InvalidRequest"
      ? new AwsError("Validation", error.message)
      : error;
  }
}
