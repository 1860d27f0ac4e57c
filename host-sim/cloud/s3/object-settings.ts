import { S3Error } from "./errors.js";
import type { S3Call, S3Service } from "./service.js";

/**
 * Every object is encrypted with the service's own keys, as on AWS; the bytes on this computer are not. [S3: default
 * encryption]
 */
export const ENCRYPTION = Object.freeze({ "x-amz-server-side-encryption": "AES256" });

/** What a request may ask for because it is so here anyway. */
const AS_IT_IS: Readonly<Record<string, string>> = Object.freeze({
  "x-amz-server-side-encryption": "AES256",
  "x-amz-storage-class": "STANDARD",
  "x-amz-acl": "bucket-owner-full-control",
});

/** Headers that ask for something which is not kept here; dropped in silence they would be believed. */
const NOT_EMULATED =
  /^x-amz-(?:server-side-encryption|storage-class|tagging|website-redirect-location|object-lock-|write-offset-bytes|bucket-object-lock-enabled)/;

/**
 * What the headers of a request ask for beside its own work.
 *
 * @throws S3Error `AccessControlListNotSupported` for access lists, as of every bucket of AWS that its owner did not
 * change; `AccessDenied` for another bucket owner; `NotImplemented` naming the header for what is not emulated
 */
export function checkSettings({ context }: S3Service, { headers }: Pick<S3Call, "headers">): void {
  for (const [name, value] of Object.entries(headers)) {
    if (AS_IT_IS[name] === value) continue;
    if (name === "x-amz-acl" || name.startsWith("x-amz-grant-")) {
      throw new S3Error("AccessControlListNotSupported", "The bucket does not allow ACLs");
    }
    if (name === "x-amz-expected-bucket-owner" && value !== context.account) {
      throw new S3Error("AccessDenied", "Access Denied");
    }
    if (!NOT_EMULATED.test(name)) continue;
    const message = `A header you provided implies functionality that is not emulated by the local cloud: ${name}`;
    throw new S3Error("NotImplemented", message, { Header: name });
  }
}
