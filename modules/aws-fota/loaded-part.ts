/** How far a patch is applied: where its decoding goes on after a restart, which has nothing else of it. */
export type AppliedPatch = {
  /** SHA-256 of the file that the patch is against, lower-case hexadecimal; "" when it is against none. */
  readonly base: string;
  /** Byte of the patch at which one of its frames begins. */
  readonly at: number;
  /** Byte of the image at which that frame begins; not above what is on flash. */
  readonly from: number;
};

/** Bytes of the image that are known to be on flash, and what they belong to. */
export type LoadedPart = {
  /** Everything below is on flash. */
  readonly offset: number;
  /**
   * Up to here the slot was erased for this image and what is there is part of it; not above `offset`: nothing is known
   * of what lies behind.
   */
  readonly erasedTo: number;
  /** Bytes of the image; 0: nothing is loaded. */
  readonly size: number;
  /** Of the content that is loaded: the image's, or the patch's. */
  readonly etag: string | undefined;
  /** It came by a patch; undefined: as a whole. */
  readonly patch?: AppliedPatch | undefined;
};

export const NOTHING_LOADED: LoadedPart = Object.freeze({ offset: 0, erasedTo: 0, size: 0, etag: undefined });
