import { invalidRequest, type OperationInput } from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import { packageNameIn, versionNameIn } from "../fields.js";

/** [AWS IoT: DeletePackageVersion] The default has to be unset before. @throws AwsError `InvalidRequest` */
export function deletePackageVersion(catalog: PackageCatalog, input: OperationInput) {
  const packageName = packageNameIn(input);
  const versionName = versionNameIn(input);
  if (catalog.package(packageName)?.defaultVersionName === versionName) {
    throw invalidRequest(`version ${versionName} is the default of package ${packageName}`);
  }
  catalog.removeVersion({ packageName, versionName });
  return {};
}
