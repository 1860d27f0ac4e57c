import { hexFromBytes } from "../foundation/hex.js";
import { imageTarget } from "./device.js";
import { asFotaError, FotaError } from "./errors.js";
import type { Parts, VerifierPart } from "./parts.js";
import { type DevicePolicy, judgeInstalledImage } from "./policy.js";
import type { FotaPorts, TimerId } from "./ports.js";
import { candidateKeys, judgeSigning, type TrustedKey } from "./signing-keys.js";
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
  readonly onProven: (image: ProvenImage) => void;
  /** `digest` is undefined when the image could not be read to its end. */
  readonly onRefused: (error: FotaError) => void;
};

/** Reads the slot back and proves it: structure, digest, what the document says, signature (design rule R5). */
export class VerifyPhase {
  #options: VerifyPhaseOptions;
  #flash: ReturnType<FotaPorts["openSlot"]> | undefined;
  #verifier: VerifierPart | undefined;
  #turn: TimerId | undefined;

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
    this.#options.ports.timer.clear(this.#turn);
    this.#verifier = this.#flash = this.#turn = undefined;
  }

  #read(version: string, project: string, sha256: Uint8Array): void {
    const { update, policy, onProven } = this.#options;
    const digest = hexFromBytes(sha256);
    const refusal =
      judgeInstalledImage({ version, project, digest }, update, policy) ?? judgeSigning(update, policy.trust);
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    this.#tryKeys(candidateKeys(update, policy.trust), sha256, () => {
      this.close();
      onProven({ version: namedVersion(version), digest });
    });
  }

  /** One key on a turn of its own: a verification keeps the board from everything else. */
  #tryKeys([key, ...others]: readonly TrustedKey[], sha256: Uint8Array, onGood: () => void): void {
    const { update, ports } = this.#options;
    if (key === undefined || update.signature === undefined) {
      onGood();
      return;
    }
    let isGood = false;
    try {
      isGood = ports.verifyP256(key.point, sha256, update.signature) === true;
    } catch (cause) {
      this.#refuse(new FotaError("signature-invalid", `cannot be verified with ${key.id}`, { cause }));
      return;
    }
    if (isGood) onGood();
    else if (others.length > 0) this.#turn = ports.timer.set(() => this.#tryKeys(others, sha256, onGood), 0);
    else this.#refuse(new FotaError("signature-invalid", "not made over this image with a key of this device"));
  }

  #refuse(error: FotaError): void {
    this.close();
    this.#options.onRefused(error);
  }
}
