import { invalidRequest, type OperationInput } from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import { packageNameIn } from "../fields.js";

/** [AWS IoT: DeletePackage] Its versions have to be deleted before. @throws AwsError `InvalidRequest` */
export function deletePackage(catalog: PackageCatalog, input: OperationInput) {
  const packageName = packageNameIn(input);
  if ([...catalog.versions(packageName)].length > 0) throw invalidRequest(`package ${packageName} still has versions`);
  catalog.removePackage(packageName);
  return {};
}
