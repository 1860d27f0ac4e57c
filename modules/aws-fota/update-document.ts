/** The file against which a patch was made. */
export type PatchBaseIdentity = {
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly digest: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Its version, without a leading "v", when the document says: spares other devices the look at their flash. */
  readonly version: string | undefined;
};

/** A way to the image of a document that costs fewer bytes. */
export type PatchOffer = {
  /** As the image's own. A secret, too. */
  readonly url: string;
  /** Bytes of the patch. */
  readonly size: number;
  /** Undefined: it needs none, it is the image in compressed form. */
  readonly base: PatchBaseIdentity | undefined;
};

/** A job document for this library, whatever its dialect. */
export type UpdateDocument = {
  readonly dialect: "nordic" | "afr-ota" | "code-signed";
  /** Absolute http or https URL, exactly as signed. A secret: it never leaves memory (design rule R11). */
  readonly url: string;
  /** Without a leading "v". Undefined when the dialect does not name it; the image does. */
  readonly version: string | undefined;
  /** Bytes. Undefined when the document does not say. */
  readonly size: number | undefined;
  /** SHA-256 of the image, lower-case hexadecimal. */
  readonly digest: string | undefined;
  /** ECDSA P-256 over the SHA-256 of the image: r then s, range-checked, 64 bytes. */
  readonly signature: Uint8Array | undefined;
  /** Id of the key that the signature is of; undefined: any that the firmware trusts. */
  readonly signingKey: string | undefined;
  /** Project name that the image must have. */
  readonly project: string | undefined;
  /**
   * The operator insists: a quarantined image and the running version may be installed, an older one where the
   * application allows it.
   */
  readonly force: boolean;
  /** In the publisher's order: the first that fits the device is taken. Not empty: `size` and `digest` are there. */
  readonly patches: readonly PatchOffer[];
};
