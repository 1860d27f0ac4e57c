import { definedMembers, type OperationInput } from "../../context/fields.js";
import { page } from "../../context/page.js";
import type { PackageCatalog } from "../catalog.js";

const PAGE = { most: 100, usual: 25 };

/** [AWS IoT: ListPackages] In the order of their names. @throws AwsError `InvalidRequest` */
export function listPackages(catalog: PackageCatalog, input: OperationInput) {
  const entries = Array.from(catalog.packages(), (item) => ({ cursor: item.packageName, item }));
  const { items, nextToken } = page(input, entries, PAGE);
  const packageSummaries = items.map((item) =>
    definedMembers({
      packageName: item.packageName,
      defaultVersionName: item.defaultVersionName,
      creationDate: item.createdAt / 1000,
      lastModifiedDate: item.modifiedAt / 1000,
    }),
  );
  return definedMembers({ packageSummaries, nextToken });
}
