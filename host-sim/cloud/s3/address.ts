import { percentDecode } from "../message/message.js";

/** Bucket and key a request names; both are absent in a request to the service itself. */
export interface S3Address {
  readonly bucket?: string;
  readonly key?: string;
}

/**
 * Host suffixes before which a bucket name may stand: those of the real service (with region, and the old global one)
 * and the local ones. Every other host, such as `localhost` or `127.0.0.1`, means path style.
 */
const BUCKET_HOST =
  /^(?<bucket>[a-z0-9][a-z0-9.-]*)\.(?:s3[.-](?:dualstack\.)?(?:[a-z0-9-]+\.)?amazonaws\.com|s3\.localhost|localhost)$/;
const SERVICE_HOST = /^s3[.-](?:dualstack\.)?(?:[a-z0-9-]+\.)?amazonaws\.com$/;

/** Host name without port, in lower case. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}

/** True for hosts that can only mean S3. */
export function isS3Host(host: string): boolean {
  const name = hostName(host);
  return SERVICE_HOST.test(name) || name === "s3.localhost" || BUCKET_HOST.test(name);
}

export function addressOf(host: string, path: string): S3Address {
  const name = hostName(host);
  const bucket =
    SERVICE_HOST.test(name) || name === "s3.localhost" ? undefined : BUCKET_HOST.exec(name)?.groups?.bucket;
  const decoded = percentDecode(path.replace(/^\//, ""));
  if (bucket !== undefined) return decoded === "" ? { bucket } : { bucket, key: decoded };
  if (decoded === "") return {};
  const slash = decoded.indexOf("/");
  if (slash < 0 || slash === decoded.length - 1) return { bucket: slash < 0 ? decoded : decoded.slice(0, slash) };
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
}
