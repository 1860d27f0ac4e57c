import { AwsError } from "../../context/context.js";
import { definedMembers, type OperationInput, optionalChoice } from "../../context/fields.js";
import type { PackageCatalog } from "../catalog.js";
import { artifactIn, attributesIn, descriptionIn, packageNameIn, recipeIn, versionNameIn } from "../fields.js";
import type { VersionRecord, VersionStatus } from "../records.js";

/** To what an action leads, and from where it may be taken. [AWS IoT: Package version lifecycle] */
const ACTIONS = {
  PUBLISH: { from: ["DRAFT", "DEPRECATED"], to: "PUBLISHED" },
  DEPRECATE: { from: ["PUBLISHED"], to: "DEPRECATED" },
} as const satisfies Record<string, { from: readonly VersionStatus[]; to: VersionStatus }>;

/**
 * [AWS IoT: UpdatePackageVersion] What a published version contains stays as it is.
 *
 * @throws AwsError `InvalidRequest`, `ResourceNotFound`, `Conflict`
 */
export function updatePackageVersion(catalog: PackageCatalog, input: OperationInput) {
  const found = catalog.existingVersion(packageNameIn(input), versionNameIn(input));
  const contents = definedMembers({
    attributes: attributesIn(input),
    artifact: artifactIn(input),
    recipe: recipeIn(input),
  });
  const action = optionalChoice(input, "action", ["PUBLISH", "DEPRECATE"] as const);
  if (Object.keys(contents).length > 0 && found.status !== "DRAFT") {
    throw new AwsError("Conflict", `Version ${found.versionName} is ${found.status}: only a draft can be changed`, {
      resourceId: found.versionName,
    });
  }
  catalog.putVersion({
    ...found,
    ...contents,
    ...definedMembers({ description: descriptionIn(input) }),
    status: action === undefined ? found.status : statusAfter(found, action),
    modifiedAt: catalog.now,
  });
  return {};
}

function statusAfter({ status, versionName }: VersionRecord, action: keyof typeof ACTIONS): VersionStatus {
  const { from, to } = ACTIONS[action];
  if (from.some((allowed) => allowed === status)) return to;
  throw new AwsError("Conflict", `Version ${versionName} is ${status}: ${action} is not possible`, {
    resourceId: versionName,
  });
}
