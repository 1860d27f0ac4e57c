import { definedMembers, type OperationInput, optionalChoice } from "../../context/fields.js";
import { page } from "../../context/page.js";
import type { PackageCatalog } from "../catalog.js";
import { packageNameIn } from "../fields.js";

const PAGE = { most: 100, usual: 25 };

/** [AWS IoT: ListPackageVersions] In the order of their names. @throws AwsError `InvalidRequest` */
export function listPackageVersions(catalog: PackageCatalog, input: OperationInput) {
  const packageName = packageNameIn(input);
  const status = optionalChoice(input, "status", ["DRAFT", "PUBLISHED", "DEPRECATED"] as const);
  const entries = [...catalog.versions(packageName)]
    .filter((item) => status === undefined || item.status === status)
    .map((item) => ({ cursor: item.versionName, item }));
  const { items, nextToken } = page(input, entries, PAGE);
  const packageVersionSummaries = items.map((item) => ({
    packageName,
    versionName: item.versionName,
    status: item.status,
    creationDate: item.createdAt / 1000,
    lastModifiedDate: item.modifiedAt / 1000,
  }));
  return definedMembers({ packageVersionSummaries, nextToken });
}
