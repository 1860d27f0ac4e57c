import {
  definedMembers,
  invalidRequest,
  type OperationInput,
  optionalFlag,
  optionalText,
} from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import { descriptionIn, packageNameIn } from "../fields.js";
import { VERSION_NAME } from "../limits.js";

/** [AWS IoT: UpdatePackage] A draft cannot be the default. @throws AwsError `InvalidRequest`, `ResourceNotFound` */
export function updatePackage(catalog: PackageCatalog, input: OperationInput) {
  const found = catalog.existingPackage(packageNameIn(input));
  const description = descriptionIn(input);
  const wanted = optionalText(input, "defaultVersionName", { pattern: VERSION_NAME });
  const unset = optionalFlag(input, "unsetDefaultVersion") ?? false;
  if (unset && wanted !== undefined) {
    throw invalidRequest("defaultVersionName and unsetDefaultVersion exclude each other");
  }
  if (wanted !== undefined && catalog.existingVersion(found.packageName, wanted).status === "DRAFT") {
    throw invalidRequest(`version ${wanted} is a draft`);
  }
  const defaultVersionName = unset ? undefined : (wanted ?? found.defaultVersionName);
  const { defaultVersionName: _, ...rest } = found;
  catalog.putPackage({
    ...rest,
    ...definedMembers({ description, defaultVersionName }),
    modifiedAt: catalog.now,
  });
  return {};
}
