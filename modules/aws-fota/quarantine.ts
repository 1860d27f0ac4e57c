/** An image that was rolled back or refused by the bootloader. */
export type QuarantinedImage = {
  /** SHA-256 of the whole image, lower-case hexadecimal. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** The server's entity tag, when it sent a strong one: recognises the image before its bytes are loaded again. */
  readonly etag?: string;
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
export function quarantine(list: readonly QuarantinedImage[], image: QuarantinedImage): readonly QuarantinedImage[] {
  return [...list.filter(({ digest }) => digest !== image.digest), image].slice(-MAX_QUARANTINED);
}

/** By digest where it is known; else by entity tag and length, which name the same object on the same server. */
export function isQuarantined(list: readonly QuarantinedImage[], { digest, size, etag }: ImageIdentity): boolean {
  if (digest !== undefined) return list.some((image) => image.digest === digest);
  return etag !== undefined && size !== undefined && list.some((image) => image.etag === etag && image.size === size);
}

/** For an image that was confirmed after all, as a forced job can do. */
export function release(list: readonly QuarantinedImage[], digest: string): readonly QuarantinedImage[] {
  return list.filter((image) => image.digest !== digest);
}
