import { AwsError } from "../../context/context.js";
import { definedMembers, type OperationInput } from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import { clientTokenIn, descriptionIn, packageNameIn } from "../fields.js";

/** [AWS IoT: CreatePackage] @throws AwsError `InvalidRequest`, `Conflict` */
export function createPackage(catalog: PackageCatalog, input: OperationInput) {
  const packageName = packageNameIn(input);
  const description = descriptionIn(input);
  const clientToken = clientTokenIn(input);
  const existing = catalog.package(packageName);
  if (existing !== undefined && (clientToken === undefined || existing.clientToken !== clientToken)) {
    throw new AwsError("Conflict", `Package ${packageName} already exists`, { resourceId: packageName });
  }
  const now = catalog.now;
  const made = definedMembers({ packageName, description, clientToken, createdAt: now, modifiedAt: now });
  if (existing === undefined) catalog.putPackage(made);
  return definedMembers({
    packageName,
    packageArn: catalog.packageArn(packageName),
    description: (existing ?? made).description,
  });
}
