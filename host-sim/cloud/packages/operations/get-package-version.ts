import { definedMembers, type OperationInput } from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import { packageNameIn, versionNameIn } from "../fields.js";

/** [AWS IoT: GetPackageVersion] @throws AwsError `InvalidRequest`, `ResourceNotFound` */
export function getPackageVersion(catalog: PackageCatalog, input: OperationInput) {
  const found = catalog.existingVersion(packageNameIn(input), versionNameIn(input));
  return definedMembers({
    packageVersionArn: catalog.versionArn(found),
    packageName: found.packageName,
    versionName: found.versionName,
    description: found.description,
    attributes: found.attributes,
    artifact: found.artifact,
    recipe: found.recipe,
    status: found.status,
    creationDate: found.createdAt / 1000,
    lastModifiedDate: found.modifiedAt / 1000,
  });
}
