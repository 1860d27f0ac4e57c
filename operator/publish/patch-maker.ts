/** Makes what turns one image into another; `from` is absent for a patch that needs no base. */
export type PatchMaker = (images: {
  readonly from: Uint8Array | undefined;
  readonly to: Uint8Array;
}) => Uint8Array | Promise<Uint8Array>;
