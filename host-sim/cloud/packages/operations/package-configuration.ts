import {
  definedMembers,
  type OperationInput,
  optionalFlag,
  optionalObject,
  optionalText,
} from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";

/** [AWS IoT: GetPackageConfiguration] */
export function getPackageConfiguration(catalog: PackageCatalog) {
  return definedMembers({ versionUpdateByJobsConfig: catalog.jobsConfig });
}

/** [AWS IoT: UpdatePackageConfiguration] @throws AwsError `InvalidRequest` */
export function updatePackageConfiguration(catalog: PackageCatalog, input: OperationInput) {
  const config = optionalObject(input, "versionUpdateByJobsConfig");
  if (config === undefined) return {};
  const changes = definedMembers({
    enabled: optionalFlag(config, "enabled"),
    roleArn: optionalText(config, "roleArn", { pattern: /^arn:.{16,2044}$/ }),
  });
  catalog.putJobsConfig({ ...catalog.jobsConfig, ...changes });
  return {};
}
