import { hexFromBytes } from "../foundation/hex.js";
import { imageTarget } from "./device.js";
import { asFotaError, FotaError } from "./errors.js";
import type { Parts, VerifierPart } from "./parts.js";
import { type DevicePolicy, type ImageInfo, judgeInstalledImage } from "./policy.js";
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

type SignatureCheck = {
  readonly sha256: Uint8Array;
  readonly signature: Uint8Array;
  readonly onGood: () => void;
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
        onDone: (image) => this.read(image, image.sha256),
        onError: (error) => this.refuse(asFotaError(error, "internal-error")),
      });
      this.#verifier.start();
    } catch (error) {
      this.refuse(asFotaError(error, "install-failed"));
    }
  }

  close(): void {
    this.#verifier?.close();
    this.#flash?.close();
    this.#options.ports.timer.clear(this.#turn);
    this.#verifier = this.#flash = this.#turn = undefined;
  }

  private read(image: ImageInfo, sha256: Uint8Array): void {
    const { update, policy, onProven } = this.#options;
    const digest = hexFromBytes(sha256);
    const refusal = judgeInstalledImage(image, digest, update, policy) ?? judgeSigning(update, policy.trust);
    if (refusal !== undefined) {
      this.refuse(refusal);
      return;
    }
    const onGood = () => {
      this.close();
      onProven({ version: namedVersion(image.version), digest });
    };
    // What was judged above: no signature is wanted, or there is no key that could check it.
    if (update.signature === undefined || policy.trust.keys.length === 0) onGood();
    else this.tryKeys(candidateKeys(update, policy.trust), { sha256, signature: update.signature, onGood });
  }

  /** One key on a turn of its own: a verification keeps the board from everything else. */
  private tryKeys([key, ...others]: readonly TrustedKey[], check: SignatureCheck, cause?: unknown): void {
    const { ports } = this.#options;
    const { sha256, signature, onGood } = check;
    if (key === undefined) {
      this.refuse(new FotaError("signature-invalid", "not made over this image with a key of this device", { cause }));
      return;
    }
    let isGood = false;
    let failure = cause;
    try {
      isGood = ports.verifyP256(key.point, sha256, signature) === true;
    } catch (error) {
      failure = error; // a key that cannot be used must not keep the others from being tried
    }
    if (isGood) onGood();
    else if (others.length === 0) this.tryKeys(others, check, failure);
    else this.#turn = ports.timer.set(() => this.tryKeys(others, check, failure), 0);
  }

  private refuse(error: FotaError): void {
    this.close();
    this.#options.onRefused(error);
  }
}
