import { type AllowedHosts, HOST_REFUSED, isHostAllowed, parseUrl } from "../fota-download/index.js";
import { ageInDays, buildTimeOf, IMAGE_INFO_LENGTH } from "../ota-partition/index.js";
import { FotaError } from "./errors.js";
import { isQuarantined, type QuarantinedImage } from "./quarantine.js";
import { judgeSigning, type Trust } from "./signing-keys.js";
import type { UpdateDocument } from "./update-document.js";
import { compareVersions, normalizeVersion } from "./version.js";

/** What the device is and allows, for one decision. */
export type DevicePolicy = {
  readonly runningVersion: string;
  /** Project name that images must have; undefined: any. */
  readonly project: string | undefined;
  /** Bytes of the smaller slot. */
  readonly limit: number;
  readonly allowHttp: boolean;
  readonly allowedHosts: AllowedHosts;
  readonly allowSameVersion: boolean;
  readonly allowDowngrade: boolean;
  /** A document's `force` excuses what `allowDowngrade` would. */
  readonly allowForcedDowngrade: boolean;
  /** Days from its build after which an image is not installed any more; undefined: never. */
  readonly maxImageAgeDays: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whose images are installed. */
  readonly trust: Trust;
  readonly quarantined: readonly QuarantinedImage[];
};

/** Application descriptor of the new image; date and time of its build as the compiler writes them. */
export type ImageInfo = {
  readonly version: string;
  readonly project: string;
  readonly date: string;
  readonly time: string;
};

function judgeVersion(version: string, force: boolean, policy: DevicePolicy): FotaError | undefined {
  const { runningVersion, allowSameVersion, allowDowngrade, allowForcedDowngrade } = policy;
  const order = compareVersions(version, runningVersion);
  if (order === "newer") return undefined;
  if (order === "same") {
    return allowSameVersion || force ? undefined : new FotaError("same-version", `${version} is running`);
  }
  if (allowDowngrade || (force && allowForcedDowngrade)) return undefined;
  if (order === "older") return new FotaError("downgrade", `${version} is older than ${runningVersion}`);
  return new FotaError("version-unordered", `${version} and ${runningVersion} have no order, allowDowngrade takes it`);
}

function judgeSize(size: number, policy: DevicePolicy): FotaError | undefined {
  return size > policy.limit
    ? new FotaError("image-too-large", `${size} bytes, the slot holds ${policy.limit}`)
    : undefined;
}

function judgeProject(project: string, policy: DevicePolicy): FotaError | undefined {
  if (policy.project === undefined || project === policy.project) return undefined;
  return new FotaError("project-mismatch", `${project === "" ? "no project name" : project}, not ${policy.project}`);
}

/**
 * Held against the build's own date, since that is signed with the image. A date in the future means that the clock is
 * not right; a day is the compiler's time zone.
 */
function judgeAge(image: ImageInfo, { maxImageAgeDays, now }: DevicePolicy): FotaError | undefined {
  if (maxImageAgeDays === undefined) return undefined;
  const built = buildTimeOf(image);
  if (built === undefined) {
    return new FotaError("image-expired", "no build date (CONFIG_APP_COMPILE_TIME_DATE), maxImageAgeDays wants one");
  }
  const age = ageInDays(built, now);
  if (age >= -1 && age <= maxImageAgeDays) return undefined;
  const relation = age < 0 ? "the clock is before that" : `${age} days ago, maxImageAgeDays is ${maxImageAgeDays}`;
  return new FotaError("image-expired", `built ${image.date}, ${relation}`);
}

/** Why nothing is asked of this address. */
export function judgeUrl(url: string, policy: Pick<DevicePolicy, "allowedHosts" | "allowHttp">): FotaError | undefined {
  if (!isHostAllowed(parseUrl(url).host, policy.allowedHosts)) return new FotaError("host-refused", HOST_REFUSED);
  if (!policy.allowHttp && !/^https:/i.test(url)) return new FotaError("insecure-url", "http is not allowed");
  return undefined;
}

/** First reason to refuse the document before anything is sent or loaded (design rule R2); undefined: go on. */
export function judgeDocument(update: UpdateDocument, policy: DevicePolicy): FotaError | undefined {
  const refusal = judgeUrl(update.url, policy) ?? judgeSigning(update, policy.trust);
  if (refusal !== undefined) return refusal;
  if (update.project !== undefined) {
    const project = judgeProject(update.project, policy);
    if (project !== undefined) return project;
  }
  if (update.size !== undefined) {
    const size = judgeSize(update.size, policy);
    if (size !== undefined) return size;
  }
  return (
    judgeIdentity({ digest: update.digest }, update, policy) ??
    (update.version === undefined ? undefined : judgeVersion(update.version, update.force, policy))
  );
}

/** The response's headers are there, no body byte is: the last moment at which a known bad image costs nothing. */
export function judgeHeaders(
  headers: { readonly size: number; readonly etag?: string | undefined },
  update: UpdateDocument,
  policy: DevicePolicy,
): FotaError | undefined {
  // A length that no document asked for is the server's doing: a truncated object.
  if (update.size === undefined && headers.size < IMAGE_INFO_LENGTH)
    return new FotaError("image-truncated", `${headers.size} bytes are no image`);
  return judgeSize(headers.size, policy) ?? judgeIdentity({ ...headers, digest: update.digest }, update, policy);
}

/** The image's first bytes are there: its own descriptor says what it is. */
export function judgeImageInfo(info: ImageInfo, update: UpdateDocument, policy: DevicePolicy): FotaError | undefined {
  const version = normalizeVersion(info.version);
  if (update.version !== undefined && !isNamedBy(update.version, info.version)) {
    return new FotaError("version-mismatch", `the image is ${version}, the document says ${update.version}`);
  }
  return judgeProject(info.project, policy) ?? judgeVersion(version, update.force, policy) ?? judgeAge(info, policy);
}

/**
 * Whether a document's `fwversion` is that of an image; the document may lack the "v" with which ESP-IDF cut the
 * image's.
 */
function isNamedBy(documented: string, own: string): boolean {
  if (compareVersions(own, documented) === "same") return true;
  return /^\d/.test(documented) && compareVersions(own, `v${documented}`) === "same";
}

/** The image was read back from flash (design rule R5); the signature is checked after this. */
export function judgeInstalledImage(
  image: ImageInfo,
  digest: string,
  update: UpdateDocument,
  policy: DevicePolicy,
): FotaError | undefined {
  if (update.digest !== undefined && update.digest !== digest) {
    return new FotaError(
      "digest-mismatch",
      `sha256 is ${digest.slice(0, 16)}..., the document says ${update.digest.slice(0, 16)}...`,
    );
  }
  return judgeImageInfo(image, update, policy) ?? judgeIdentity({ digest }, update, policy);
}

function judgeIdentity(
  identity: {
    readonly digest?: string | undefined;
    readonly size?: number | undefined;
    readonly etag?: string | undefined;
  },
  update: UpdateDocument,
  policy: DevicePolicy,
): FotaError | undefined {
  if (update.force || !isQuarantined(policy.quarantined, identity)) return undefined;
  return new FotaError("quarantined", "this image was rolled back before");
}
