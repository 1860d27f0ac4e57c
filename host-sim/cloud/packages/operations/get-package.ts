import { definedMembers, type OperationInput } from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import { packageNameIn } from "../fields.js";

/** [AWS IoT: GetPackage] @throws AwsError `InvalidRequest`, `ResourceNotFound` */
export function getPackage(catalog: PackageCatalog, input: OperationInput) {
  const found = catalog.existingPackage(packageNameIn(input));
  return definedMembers({
    packageName: found.packageName,
    packageArn: catalog.packageArn(found.packageName),
    description: found.description,
    defaultVersionName: found.defaultVersionName,
    creationDate: found.createdAt / 1000,
    lastModifiedDate: found.modifiedAt / 1000,
  });
}
