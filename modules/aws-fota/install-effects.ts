import type { FotaDownloadError } from "../fota-download/index.js";
import { SECTOR_LENGTH } from "../ota-partition/index.js";
import { type AgentContext, attempt, fail, policyOf } from "./agent-context.js";
import { DownloadPhase } from "./download-phase.js";
import { asFotaError, dispositionOf, FotaError } from "./errors.js";
import { loadedPart } from "./job-view.js";
import { PatchChoice } from "./patch-choice.js";
import { judgeHeaders, judgeImageInfo } from "./policy.js";
import type { ReportEffects } from "./report-effects.js";
import { isProvable } from "./signing-keys.js";
import type { PatchOffer } from "./update-document.js";
import { UrlRenewal } from "./url-renewal.js";
import { type ProvenImage, VerifyPhase } from "./verify-phase.js";

/** From the first byte to the boot flag. */
export class InstallEffects {
  #context: AgentContext;
  #report: ReportEffects;
  #renewal: UrlRenewal;
  #choice: PatchChoice | undefined;
  /** What is loaded in place of the image. */
  #patch: PatchOffer | undefined;
  #download: DownloadPhase | undefined;
  #verify: VerifyPhase | undefined;

  constructor(context: AgentContext, report: ReportEffects) {
    this.#context = context;
    this.#report = report;
    this.#renewal = this.newRenewal();
  }

  /** Loads what is not in the slot yet. An image that is there completely only has to be proven. */
  download(): void {
    const { job, device } = this.#context;
    const { current, phase } = job;
    if (current?.update === undefined || device.facts === undefined) return;
    const { record, resumed, update } = current;
    const { size } = record;
    const isWritten = resumed && phase !== "downloading";
    const isLoaded = size !== undefined && loadedPart(record).offset >= size;
    const mayBeThere = !resumed && update.digest !== undefined && update.version === device.facts.slot.version;
    if (size !== undefined && (isWritten || isLoaded)) this.written();
    else if (size !== undefined && mayBeThere) this.probe();
    else if (this.hasChoice) this.choose();
    else this.load(undefined); // not by way of `choose`: below here the stack is at its deepest
  }

  /** The downloader stopped; a document with a fresh URL is asked for. */
  askUrl(): void {
    this.#renewal.begin();
  }

  /** The document with the fresh URL is there. */
  renew(): void {
    this.#renewal.stop();
    const { current } = this.#context.job;
    if (current?.update === undefined) return;
    const { update, documentAt } = current;
    const base = this.#patch?.base?.digest;
    const source = this.#patch === undefined ? update : update.patches.find((patch) => patch.base?.digest === base);
    if (source === undefined) this.unpatched(new FotaError("patch-mismatch", "the document has the patch no longer"));
    else this.#download?.renew(source.url, documentAt);
  }

  verify(): void {
    this.prove(
      (image) => this.proven(image),
      (error) => this.disproven(error),
    );
  }

  /** False: the boot flag is not set. */
  setBoot(): boolean {
    const { options, machine } = this.#context;
    try {
      options.boot.setBoot();
    } catch (error) {
      fail(this.#context, asFotaError(error, "install-failed"));
      return false;
    }
    machine.dispatch("boot-flag-set");
    return true;
  }

  /** The slot must not be booted after all. */
  unsetBoot(): void {
    const { options, callbacks } = this.#context;
    try {
      options.boot.unsetBoot();
      return;
    } catch (error) {
      callbacks.error(asFotaError(error, "internal-error"));
    }
    // Otadata could not be changed: an image without its first block is refused by the bootloader, which then starts
    // the running one.
    try {
      const flash = options.openSlot();
      try {
        flash.eraseBlock(0, 1);
      } finally {
        flash.close();
      }
    } catch (error) {
      callbacks.error(asFotaError(error, "internal-error"));
    }
  }

  /**
   * The agent closes in mid-download, as before a deep sleep: stores how far it is, unless flash itself tells a restart
   * all but the last sector of it.
   */
  leave(): void {
    const { job, callbacks } = this.#context;
    const download = this.#download;
    if (download === undefined || job.phase !== "downloading" || download.atRisk <= SECTOR_LENGTH) return;
    this.keep();
    const failure = attempt(() => job.store());
    if (failure !== undefined) callbacks.error(failure);
  }

  stop(): void {
    this.#renewal.stop();
    this.keep();
    this.#context.job.meter(undefined);
    this.#choice?.close();
    this.#choice = undefined;
    this.#download?.close();
    this.#download = undefined;
    this.#verify?.close();
    this.#verify = undefined;
  }

  /** What a download that pauses has brought to flash is not loaded again. */
  private keep(): void {
    const { job } = this.#context;
    const part = this.#download?.part;
    if (part !== undefined && job.phase === "downloading") job.reached(part);
  }

  /** The slot may hold the wanted image since an earlier job: its version and length say so, its digest decides. */
  private probe(): void {
    this.#context.options.trace("aws-fota: the slot may hold this image already");
    this.prove(
      () => {
        this.#verify = undefined;
        this.written();
      },
      () => {
        this.#verify = undefined;
        if (this.hasChoice) this.choose();
        else this.load(undefined);
      },
    );
  }

  /** Whether the image may come by a patch: a download that goes on keeps to its way. */
  private get hasChoice(): boolean {
    const { current } = this.#context.job;
    if (current?.update === undefined || current.update.patches.length === 0) return false;
    const { size, patch } = loadedPart(current.record);
    return current.record.unpatched === undefined && (size === 0 || patch !== undefined);
  }

  private choose(): void {
    const { job, device, options } = this.#context;
    const { facts } = device;
    const { current } = job;
    if (current?.update === undefined || facts === undefined) return;
    const { update, record } = current;
    const { patch } = loadedPart(record);
    this.#choice = new PatchChoice({
      ports: options,
      update,
      policy: policyOf(this.#context, facts),
      onChosen: (chosen) => {
        this.#choice = undefined;
        // What came by another patch than this one is of no use to it.
        if (patch !== undefined && patch.base !== (chosen?.base?.digest ?? "")) job.discarded();
        this.load(chosen);
      },
    });
    this.#choice.start();
  }

  /** The patch is of no use: the image itself is loaded, in the same job. */
  private unpatched(error: FotaError): void {
    const { job, callbacks } = this.#context;
    callbacks.error(error);
    job.meter(undefined);
    this.#download?.close();
    this.giveUpPatch(error);
    const failure = attempt(() => job.store());
    if (failure !== undefined) callbacks.error(failure);
    this.load(undefined);
  }

  private giveUpPatch({ code }: FotaError): void {
    const { job, journal, options } = this.#context;
    options.trace(`aws-fota: ${code}, the whole image is loaded`);
    journal.add("patch", code);
    job.unpatched(code);
  }

  private written(): void {
    this.#context.job.written();
    this.#context.machine.dispatch("downloaded");
  }

  private load(patch: PatchOffer | undefined): void {
    const { job, device, callbacks, journal, options, parts, settings, machine } = this.#context;
    const { facts } = device;
    const { current } = job;
    if (current?.update === undefined || facts === undefined) return;
    const { update, record, documentAt, resumed } = current;
    this.#renewal = this.newRenewal();
    this.#patch = patch;
    if (patch !== undefined) journal.add("patch", "chosen", patch.size);
    const download = new DownloadPhase({
      ports: options,
      parts,
      tuning: settings.download,
      url: patch?.url ?? update.url,
      urlArrived: documentAt,
      allowHttp: settings.allowHttp,
      allowedHosts: settings.allowedHosts,
      size: update.size,
      digest: update.digest,
      patch,
      limit: facts.limit,
      from: loadedPart(record),
      resumed,
      isProvable: isProvable(update, settings.trust),
      receivedBefore: job.bill.bytes,
      storeIntervalBytes: settings.storeIntervalBytes,
      judgeHeaders: (headers) => judgeHeaders(headers, update, policyOf(this.#context, facts)),
      judgeImage: (info) => judgeImageInfo(info, update, policyOf(this.#context, facts)),
      onErase: (byteOffset, byteLength) => callbacks.tell(() => options.onErase?.(byteOffset, byteLength)),
      onRetry: (code, retriedAt) => journal.add("retry", code, retriedAt),
      onProgress: (written, total) => {
        this.#report.progress(written, total);
        callbacks.tell(() => options.onProgress?.(written, total));
      },
      onLoaded: (part) => {
        const failure = attempt(() => job.loaded(part));
        if (failure !== undefined) callbacks.error(failure); // only a restart would cost more bytes
      },
      onDone: (part) => {
        job.written(part);
        machine.dispatch("downloaded");
      },
      onInterrupted: (error) => this.interrupted(error),
      onFailed: (error) => {
        if (patch !== undefined && mayBePatch(error)) this.unpatched(error);
        else fail(this.#context, error);
      },
    });
    this.#download = download;
    job.meter(() => download.cost);
    download.start();
  }

  private newRenewal(): UrlRenewal {
    const { options, inbox, reporter } = this.#context;
    return new UrlRenewal({
      timer: options.timer,
      isConnected: () => inbox.connected,
      ask: () => reporter.look(true),
      onGivenUp: (cause) => fail(this.#context, asFotaError(cause, "internal-error")),
    });
  }

  private interrupted(error: FotaDownloadError): void {
    const { callbacks, options, machine } = this.#context;
    const position = this.#download?.position;
    if (position === undefined) return;
    const continuation = this.#renewal.judge(error, position);
    if (continuation === "fail" && this.#patch !== undefined) {
      this.unpatched(asFotaError(error, "internal-error"));
      return;
    }
    if (continuation === "fail") {
      fail(this.#context, asFotaError(error, "internal-error"));
      return;
    }
    if (continuation === "renew") options.trace(`aws-fota: ${error.code}, asking for a new URL at ${position}`);
    else callbacks.error(asFotaError(error, "internal-error"));
    machine.dispatch("url-wanted");
  }

  private prove(onProven: (image: ProvenImage) => void, onRefused: (error: FotaError) => void): void {
    const { job, device, options, parts } = this.#context;
    const { facts } = device;
    const { update, record } = job.current ?? {};
    if (facts === undefined || update === undefined || record?.size === undefined) {
      fail(this.#context, new FotaError("internal-error", "nothing to verify"));
      return;
    }
    this.#verify = new VerifyPhase({
      ports: options,
      parts,
      size: record.size,
      update,
      policy: policyOf(this.#context, facts),
      onProven,
      onRefused,
    });
    this.#verify.start();
  }

  private proven(image: ProvenImage): void {
    this.#context.job.proven(image);
    this.#context.machine.dispatch("verified");
  }

  /** What an earlier run left in the slot may be damaged where this one did not look: one clean download tells. */
  private disproven(error: FotaError): void {
    const { job, machine, callbacks } = this.#context;
    const { resumed, record } = job.current ?? {};
    const isDamage = error.code.startsWith("image-") || dispositionOf(error.code).status === "FAILED";
    if (!isDamage || (resumed !== true && record?.patch === undefined)) {
      fail(this.#context, error);
      return;
    }
    callbacks.error(error);
    // A patch is not tried twice: the image itself is the clean download.
    if (record?.patch === undefined) job.discarded();
    else this.giveUpPatch(error);
    machine.dispatch("reload");
  }
}

/** Whether the image itself may succeed where its patch did not: flash and boot state would fail again. */
function mayBePatch({ code }: FotaError): boolean {
  return /^(?:patch|base)-/.test(code) || dispositionOf(code).status === "REJECTED";
}
