import { signatureFromBase64 } from "../signature.js";
import type { UpdateDocument } from "../update-document.js";
import {
  type Fields,
  fault,
  fieldsAt,
  MAX_SIGNATURE_LENGTH,
  MAX_URL_LENGTH,
  optionalDigest,
  optionalFlag,
  optionalKeyId,
  optionalSize,
  optionalVersion,
  text,
} from "./fields.js";

/** The members whose presence marks a document signed by AWS Signer. */
export const CODE_SIGNED_KEYS: readonly string[] = Object.freeze(["presign", "codesign"]);

/** "SHA256withECDSA", "SHA256-ECDSA" and the like; nothing else can be verified. */
const algorithmPattern = () => /^SHA-?256[\s_-]*(?:with)?[\s_-]*ECDSA$/i;

/**
 * The generic document of Jobs with AWS Signer: `presign` is the URL, `codesign` the detached signature.
 *
 * @throws FotaError "document-invalid", "url-too-long", "signature-invalid", "signature-unsupported"
 */
export function parseCodeSigned(document: Fields): UpdateDocument {
  const codesign = fieldsAt(document, "codesign", "codesign");
  const algorithm = text(codesign, "signatureAlgorithm", "codesign.signatureAlgorithm", 64);
  if (!algorithmPattern().test(algorithm)) {
    throw fault("codesign.signatureAlgorithm", "is not ECDSA over SHA-256", "signature-unsupported");
  }
  const signature = signatureFromBase64(text(codesign, "signature", "codesign.signature", MAX_SIGNATURE_LENGTH));
  if (signature === undefined) {
    throw fault("codesign.signature", "is not base64 DER of an ECDSA P-256 signature", "signature-invalid");
  }
  return {
    dialect: "code-signed",
    url: text(document, "presign", "presign", MAX_URL_LENGTH),
    version: optionalVersion(document, "fwversion", "fwversion"),
    size: optionalSize(codesign, "rawPayloadSize", "codesign.rawPayloadSize"),
    digest: optionalDigest(document, "sha256", "sha256"),
    signature,
    signingKey: optionalKeyId(document),
    project: undefined,
    force: optionalFlag(document, "force", "force"),
    patches: [],
  };
}
