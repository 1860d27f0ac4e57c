import { hexFromBytes } from "../foundation/hex.js";
import { imageTarget } from "./device.js";
import { asFotaError, FotaError } from "./errors.js";
import type { Parts, VerifierPart } from "./parts.js";
import { type DevicePolicy, judgeInstalledImage } from "./policy.js";
import type { FotaPorts } from "./ports.js";
import type { UpdateDocument } from "./update-document.js";
import { namedVersion } from "./version.js";

export type ProvenImage = { readonly version: string; readonly digest: string };

export type VerifyPhaseOptions = {
  readonly ports: FotaPorts;
  readonly parts: Parts;
  /** Bytes of the file in the slot. */
  readonly size: number;
  readonly update: UpdateDocument;
  readonly policy: DevicePolicy;
  readonly publicKey: Uint8Array | undefined;
  readonly onProven: (image: ProvenImage) => void;
  /** `digest` is undefined when the image could not be read to its end. */
  readonly onRefused: (error: FotaError) => void;
};

/** Reads the slot back and proves it: structure, digest, what the document says, signature (design rule R5). */
export class VerifyPhase {
  #options: VerifyPhaseOptions;
  #flash: ReturnType<FotaPorts["openSlot"]> | undefined;
  #verifier: VerifierPart | undefined;

  constructor(options: VerifyPhaseOptions) {
    this.#options = options;
  }

  start(): void {
    const { ports, parts, size } = this.#options;
    try {
      this.#flash = ports.openSlot();
      this.#verifier = parts.verifier({
        flash: this.#flash,
        size,
        Digest: ports.Digest,
        timer: ports.timer,
        ...imageTarget(ports.boot.running()),
        onDone: ({ version, project, sha256 }) => this.#read(version, project, sha256),
        onError: (error) => this.#refuse(asFotaError(error, "internal-error")),
      });
      this.#verifier.start();
    } catch (error) {
      this.#refuse(asFotaError(error, "install-failed"));
    }
  }

  close(): void {
    this.#verifier?.close();
    this.#flash?.close();
    this.#verifier = this.#flash = undefined;
  }

  #read(version: string, project: string, sha256: Uint8Array): void {
    const { update, policy, onProven } = this.#options;
    const digest = hexFromBytes(sha256);
    const refusal = judgeInstalledImage({ version, project, digest }, update, policy) ?? this.#checkSignature(sha256);
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    this.close();
    onProven({ version: namedVersion(version), digest });
  }

  #checkSignature(sha256: Uint8Array): FotaError | undefined {
    const { publicKey, update, ports } = this.#options;
    if (publicKey === undefined) return undefined;
    if (update.signature === undefined) return new FotaError("signature-missing");
    try {
      if (ports.verifyP256(publicKey, sha256, update.signature) === true) return undefined;
      return new FotaError("signature-invalid", "not made with the key of this device over this image");
    } catch (cause) {
      return new FotaError("signature-invalid", "cannot be verified", { cause });
    }
  }

  #refuse(error: FotaError): void {
    this.close();
    this.#options.onRefused(error);
  }
}
