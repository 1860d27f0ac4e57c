import { usage } from "../failure/index.js";
import { fieldsIn, textOf } from "../reading/index.js";

/** The job document of an update, as devices read it. */

/** Entries of `patches` that a device reads. */
export const MAX_PATCHES = 8;
/** Longest document that AWS IoT stores. [AWS IoT: Jobs limits] */
const MAX_DOCUMENT_BYTES = 32_768;

/** What a device can load in the place of the whole image. */
export type DocumentPatch = {
  /** The image it has to run; absent for a patch that needs none. */
  readonly base?: { readonly sha256: string; readonly size: number; readonly fwversion: string };
  readonly size: number;
  readonly url: string;
};

/** What a document is made of. */
export type DocumentParts = {
  readonly version: string;
  readonly project: string;
  readonly size: number;
  readonly sha256: string;
  /** A placeholder, or an absolute URL. */
  readonly url: string;
  readonly signature?: string | undefined;
  readonly keyId?: string | undefined;
  readonly force?: boolean | undefined;
  readonly patches?: readonly DocumentPatch[] | undefined;
};

/** @throws FotaError "usage" for one that AWS IoT would not store */
export function jobDocument(parts: DocumentParts): string {
  const { version, project, size, sha256, url, signature, keyId, force, patches = [] } = parts;
  const document = {
    operation: "app_fw_update",
    fwversion: version,
    size,
    location: { url },
    sha256,
    ...(signature === undefined ? {} : { "sig-sha256-ecdsa": signature }),
    ...(keyId === undefined ? {} : { "sig-key-id": keyId }),
    ...(project === "" ? {} : { project }),
    ...(force === true ? { force } : {}),
    ...(patches.length === 0
      ? {}
      : { patches: patches.map(({ url: at, ...rest }) => ({ ...rest, location: { url: at } })) }),
  };
  const text = JSON.stringify(document);
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES)
    throw usage(`the job document has more than ${MAX_DOCUMENT_BYTES} bytes`);
  return text;
}

/** What the tool reads out of the document of a job. */
export type ReadDocument = {
  readonly version: string;
  readonly project: string;
  readonly sha256: string;
};

/** `undefined` for a document of another kind. */
export function readDocument(text: string): ReadDocument | undefined {
  const value = fieldsIn(text);
  if (value?.operation !== "app_fw_update") return undefined;
  return {
    version: textOf(value.fwversion),
    project: textOf(value.project),
    sha256: textOf(value.sha256),
  };
}

/** The same document, with `force` as wanted. */
export function withForce(text: string, force: boolean): string {
  const { force: _, ...rest } = fieldsIn(text) ?? {};
  return JSON.stringify(force ? { ...rest, force } : rest);
}
