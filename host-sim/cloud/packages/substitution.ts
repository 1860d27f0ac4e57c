import { invalidRequest } from "../context/fields.js";
import type { PackageCatalog, PackageVersion } from "./catalog.js";

/** Name and version may be empty: then the only package that the job installs is meant. */
const PLACEHOLDER = /\$\{aws:iot:package:([^:}"]*):version:([^:}"]*):([^}"]*)\}/g;

/**
 * A job document with the placeholders for attributes and files of package versions replaced; a file's becomes the
 * placeholder of its presigned URL. [AWS IoT: Substitution parameters for AWS IoT jobs]
 *
 * @throws AwsError `InvalidRequest` for a placeholder of another form, `ResourceNotFound`
 */
export function substitutePackages(
  catalog: PackageCatalog,
  document: string,
  destinations: readonly PackageVersion[],
): string {
  const replaced = document.replace(PLACEHOLDER, (_match, packageName: string, versionName: string, what: string) => {
    const text = textOf(catalog, meant(packageName, versionName, destinations), what);
    return JSON.stringify(text).slice(1, -1);
  });
  if (replaced.includes("${aws:iot:package:")) {
    throw invalidRequest(
      "the job document has a package placeholder of a form that is not emulated by the local cloud",
    );
  }
  return replaced;
}

function meant(packageName: string, versionName: string, destinations: readonly PackageVersion[]): PackageVersion {
  if (packageName !== "" && versionName !== "") return { packageName, versionName };
  const [only, ...more] = destinations;
  if (only === undefined || more.length > 0 || packageName !== "" || versionName !== "") {
    throw invalidRequest("a package placeholder without names needs a job with one destinationPackageVersions");
  }
  return only;
}

function textOf(catalog: PackageCatalog, { packageName, versionName }: PackageVersion, what: string): string {
  const { attributes, artifact } = catalog.existingVersion(packageName, versionName);
  if (what === "artifact:s3-presigned-url" && artifact !== undefined) {
    const { bucket, key } = artifact.s3Location;
    const path = key.split("/").map(encodeURIComponent).join("/");
    return `\${aws:iot:s3-presigned-url:https://${bucket}.s3.${catalog.context.region}.amazonaws.com/${path}}`;
  }
  const name = what.startsWith("attributes:") ? what.slice("attributes:".length) : undefined;
  const value = name !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (value !== undefined) return value;
  throw invalidRequest(`version ${versionName} of package ${packageName} has no ${what.slice(0, 200)}`);
}
