import { digestOf } from "fota-operator/signing";
import { placeholderOf } from "./job-request.js";

/** A patch that is published beside its image. */
export interface PublishedPatch {
  readonly bytes: Uint8Array;
  /** The file that must be installed; absent: none, the patch is the image in compressed form. */
  readonly base?: {
    readonly image: Uint8Array;
    /** Spares devices that run another version the look at their flash. */
    readonly version?: string;
  };
}

/** An entry of the document's `patches`; the patch lies under `key` in the bucket. */
export function patchEntry({ bytes, base }: PublishedPatch, region: string, key: string): Record<string, unknown> {
  return {
    ...(base === undefined ? {} : { base: baseEntry(base) }),
    size: bytes.length,
    location: { url: placeholderOf(region, key) },
  };
}

function baseEntry({ image, version }: NonNullable<PublishedPatch["base"]>): Record<string, unknown> {
  return { sha256: digestOf(image), size: image.length, ...(version === undefined ? {} : { fwversion: version }) };
}
