import {
  CreatePackageCommand,
  CreatePackageVersionCommand,
  GetPackageVersionCommand,
  UpdatePackageVersionCommand,
} from "@aws-sdk/client-iot";
import { type Aws, accountOf, partitionOf } from "../aws/index.js";
import { FotaError, usage } from "../failure/index.js";

/** [AWS IoT: PackageName, VersionName] */
const PACKAGE_NAME = /^[a-zA-Z0-9-_.]{1,128}$/;
const VERSION_NAME = /^[a-zA-Z0-9-_.]{1,64}$/;

/** A version in AWS's software package catalog, which a thing has when its job SUCCEEDED. */
export type PackageVersion = { readonly name: string; readonly version: string };

/** @throws FotaError "usage" for what the catalog takes as no name */
export function packageVersion(name: string, version: string): PackageVersion {
  if (!PACKAGE_NAME.test(name)) throw usage(`--package ${name}: 1 to 128 letters, digits, "-", "_", "."`);
  if (!VERSION_NAME.test(version)) throw usage(`--package: the catalog takes no version ${version}`);
  return { name, version };
}

/** Its ARN in the account and region of another one. */
export async function packageArn(aws: Aws, { name, version }: PackageVersion, like: string): Promise<string> {
  return `arn:${partitionOf(like)}:iot:${await aws.region()}:${accountOf(like)}:package/${name}/version/${version}`;
}

/**
 * Makes the package, and the version as a published one, where they are missing. One request, or four. @throws
 * FotaError
 */
export async function needPackageVersion(aws: Aws, { name, version }: PackageVersion): Promise<void> {
  const wanted = { packageName: name, versionName: version };
  const what = `package ${name} ${version}`;
  const found = await aws.askedFor("iot:GetPackageVersion", what, (sending) =>
    aws.iot.send(new GetPackageVersionCommand(wanted), sending),
  );
  if (found?.status === "PUBLISHED") return;
  if (found === undefined) {
    await unlessThere(() =>
      aws.asked("iot:CreatePackage", what, (sending) =>
        aws.iot.send(new CreatePackageCommand({ packageName: name }), sending),
      ),
    );
    await unlessThere(() =>
      aws.asked("iot:CreatePackageVersion", what, (sending) =>
        aws.iot.send(new CreatePackageVersionCommand(wanted), sending),
      ),
    );
  }
  if (found?.status === "DEPRECATED") throw usage(`${what} is DEPRECATED in the catalog`);
  await aws.asked("iot:UpdatePackageVersion", what, (sending) =>
    aws.iot.send(new UpdatePackageVersionCommand({ ...wanted, action: "PUBLISH" }), sending),
  );
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof FotaError) || error.code !== "already-exists") throw error;
  }
}
