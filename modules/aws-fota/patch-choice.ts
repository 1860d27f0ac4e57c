import { hexFromBytes } from "../foundation/hex.js";
import { SlotDigest, type SlotReader } from "../ota-partition/index.js";
import { type DevicePolicy, judgeUrl } from "./policy.js";
import type { FotaPorts } from "./ports.js";
import type { PatchBaseIdentity, PatchOffer, UpdateDocument } from "./update-document.js";
import { compareVersions } from "./version.js";

export type PatchChoiceOptions = {
  readonly ports: Pick<FotaPorts, "openRunning" | "Digest" | "timer" | "trace">;
  readonly update: UpdateDocument;
  readonly policy: DevicePolicy;
  /** Once, unless closed before. Undefined: none fits. */
  readonly onChosen: (patch: PatchOffer | undefined) => void;
};

/**
 * Finds the first patch of a document that fits: made against the very file that is installed, by its SHA-256, before
 * anything of the other slot is erased.
 */
export class PatchChoice {
  readonly #options: PatchChoiceOptions;
  #flash: SlotReader | undefined;
  #digest: SlotDigest | undefined;
  #isReadable = true;
  /** Of the last length that was hashed: what one version was installed from has one. */
  #known: { readonly size: number; readonly digest: string } | undefined;

  constructor(options: PatchChoiceOptions) {
    this.#options = options;
  }

  start(): void {
    this.look(this.#options.update.patches);
  }

  close(): void {
    this.#digest?.close();
    this.#flash?.close();
    this.#digest = this.#flash = undefined;
  }

  private look(offers: readonly PatchOffer[]): void {
    const [offer, ...others] = offers;
    if (offer === undefined) this.end(undefined, "no patch fits");
    else if (!this.mayFit(offer)) this.look(others);
    else if (offer.base === undefined) this.end(offer, "the image comes compressed");
    else this.hold(offer, offer.base, others);
  }

  private mayFit({ url, size, base }: PatchOffer): boolean {
    const { ports, policy, update } = this.#options;
    if (judgeUrl(url, policy) !== undefined || size >= (update.size ?? 0)) return false;
    if (base === undefined) return true;
    const order = base.version === undefined ? "same" : compareVersions(base.version, policy.runningVersion);
    return ports.openRunning !== undefined && this.#isReadable && order !== "older" && order !== "newer";
  }

  /** Holds the running image against what the patch needs. */
  private hold(offer: PatchOffer, base: PatchBaseIdentity, others: readonly PatchOffer[]): void {
    const judge = (digest: string) => {
      if (digest === base.digest) this.end(offer, "the patch fits what is installed");
      else this.look(others);
    };
    if (this.#known?.size === base.size) {
      judge(this.#known.digest);
      return;
    }
    try {
      this.#digest = this.digestOf(base.size, judge, others);
    } catch (error) {
      this.unread(error, others);
      return;
    }
    if (this.#digest === undefined) this.look(others);
    else this.#digest.start();
  }

  /** Undefined: the slot holds no file of that length. @throws what the driver throws */
  private digestOf(size: number, judge: (digest: string) => void, others: readonly PatchOffer[]) {
    const { ports } = this.#options;
    const { Digest, timer } = ports;
    this.#flash ??= ports.openRunning?.();
    if (this.#flash === undefined || this.#flash.status().size < size) return undefined;
    return new SlotDigest({
      flash: this.#flash,
      size,
      Digest,
      timer,
      onDone: (sha256) => {
        this.#known = { size, digest: hexFromBytes(sha256) };
        judge(this.#known.digest);
      },
      onError: (error) => this.unread(error, others),
    });
  }

  private unread(error: unknown, others: readonly PatchOffer[]): void {
    const reason = error instanceof Error ? error.message : "unknown";
    this.#options.ports.trace(`aws-fota: the running slot cannot be read for a patch (${reason})`);
    this.#isReadable = false;
    this.look(others);
  }

  private end(patch: PatchOffer | undefined, why: string): void {
    const { ports, onChosen } = this.#options;
    ports.trace(`aws-fota: ${why}`);
    this.close();
    onChosen(patch);
  }
}
