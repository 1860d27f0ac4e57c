import { AwsError } from "../../context/context.js";
import { definedMembers, type OperationInput } from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import {
  artifactIn,
  attributesIn,
  clientTokenIn,
  descriptionIn,
  packageNameIn,
  recipeIn,
  versionNameIn,
} from "../fields.js";
import type { VersionRecord } from "../records.js";

/**
 * [AWS IoT: CreatePackageVersion] It begins as a draft.
 *
 * @throws AwsError `InvalidRequest`, `Conflict`, `ResourceNotFound`
 */
export function createPackageVersion(catalog: PackageCatalog, input: OperationInput) {
  const { packageName } = catalog.existingPackage(packageNameIn(input));
  const versionName = versionNameIn(input);
  const clientToken = clientTokenIn(input);
  const now = catalog.now;
  const made: VersionRecord = definedMembers({
    packageName,
    versionName,
    description: descriptionIn(input),
    attributes: attributesIn(input) ?? {},
    artifact: artifactIn(input),
    recipe: recipeIn(input),
    status: "DRAFT" as const,
    clientToken,
    createdAt: now,
    modifiedAt: now,
  });
  const existing = catalog.version(packageName, versionName);
  if (existing !== undefined && (clientToken === undefined || existing.clientToken !== clientToken)) {
    const resourceId = `${packageName}/${versionName}`;
    throw new AwsError("Conflict", `Version ${versionName} of package ${packageName} already exists`, { resourceId });
  }
  if (existing === undefined) catalog.putVersion(made);
  const { description, attributes, status } = existing ?? made;
  const packageVersionArn = catalog.versionArn(made);
  return definedMembers({ packageVersionArn, packageName, versionName, description, attributes, status });
}
