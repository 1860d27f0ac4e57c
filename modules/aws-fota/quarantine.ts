import type { AgentErrorCode } from "./errors.js";

/** An image that was rolled back or refused by the bootloader. */
export type QuarantinedImage = {
  /** SHA-256 of the whole image, lower-case hexadecimal. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** The server's entity tag, when it sent a strong one: recognises the image before its bytes are loaded again. */
  readonly etag?: string | undefined;
};

/** Newest kept. One entry takes at most about 400 bytes of the record. */
export const MAX_QUARANTINED = 4;

/** What is known of a candidate at the moment of asking: from the document, the response's headers, or the slot. */
export type ImageIdentity = {
  readonly digest?: string | undefined;
  readonly size?: number | undefined;
  readonly etag?: string | undefined;
};

/** Newest last, each digest once, at most MAX_QUARANTINED. */
function quarantine(list: readonly QuarantinedImage[], image: QuarantinedImage): readonly QuarantinedImage[] {
  return [...list.filter(({ digest }) => digest !== image.digest), image].slice(-MAX_QUARANTINED);
}

/** By digest where it is known; else by entity tag and length, which name the same object on the same server. */
export function isQuarantined(list: readonly QuarantinedImage[], { digest, size, etag }: ImageIdentity): boolean {
  if (digest !== undefined) return list.some((image) => image.digest === digest);
  return etag !== undefined && size !== undefined && list.some((image) => image.etag === etag && image.size === size);
}

/** For an image that was confirmed after all, as a forced job can do. */
function release(list: readonly QuarantinedImage[], digest: string): readonly QuarantinedImage[] {
  return list.filter((image) => image.digest !== digest);
}

/** Ends of a job after which its image is not tried again. */
const QUARANTINING: readonly string[] = Object.freeze([
  "rolled-back",
  "boot-refused",
  "signing-key-missing",
  "memory-short",
  "self-test-failed",
  "self-test-timeout",
  "mark-valid-failed",
  "install-interrupted",
] satisfies AgentErrorCode[]);

export function isQuarantining(code: string | undefined): boolean {
  return code !== undefined && QUARANTINING.includes(code);
}

/** The list after a job about `image` has ended so. An image whose digest is not known cannot be recognized again. */
export function afterEnd(
  list: readonly QuarantinedImage[],
  { digest, size = 0, etag }: ImageIdentity,
  { status, details }: { readonly status: string; readonly details: Readonly<Record<string, string>> },
): readonly QuarantinedImage[] {
  if (digest === undefined) return list;
  if (status === "SUCCEEDED") return release(list, digest);
  if (!isQuarantining(details.code)) return list;
  return quarantine(list, { digest, size, etag });
}
