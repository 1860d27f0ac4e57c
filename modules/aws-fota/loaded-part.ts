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
  readonly etag: string | undefined;
};

export const NOTHING_LOADED: LoadedPart = Object.freeze({ offset: 0, erasedTo: 0, size: 0, etag: undefined });
