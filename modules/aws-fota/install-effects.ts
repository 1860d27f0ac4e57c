import type { FotaDownloadError } from "../fota-download/index.js";
import { nothingLoaded, resumeOffset } from "./active-job.js";
import { type AgentContext, fail, policyOf, store } from "./agent-context.js";
import { DownloadPhase, type LoadedPart } from "./download-phase.js";
import { asFotaError, dispositionOf, FotaError } from "./errors.js";
import { judgeHeaders, judgeImageInfo } from "./policy.js";
import type { TimerId } from "./ports.js";
import type { ReportEffects } from "./report-effects.js";
import { type ProvenImage, VerifyPhase } from "./verify-phase.js";

const MAX_RENEWALS = 1; // fresh URLs without a byte gained since
const ASK_URL_AGAIN_MS = 60_000;
const MAX_URL_ANSWERS = 10; // without a URL that can be used

/** From the first byte to the boot flag. */
export class InstallEffects {
  #context: AgentContext;
  #report: ReportEffects;
  #download: DownloadPhase | undefined;
  #verify: VerifyPhase | undefined;
  /** The downloader stopped and waits for a fresh URL, or for the network. */
  #waiting = false;
  #waitTimer: TimerId | undefined;

  constructor(context: AgentContext, report: ReportEffects) {
    this.#context = context;
    this.#report = report;
  }

  /** Loads what is not in the slot yet. An image that is there completely only has to be proven. */
  download(): void {
    const { job, facts, keeper, dispatch } = this.#context;
    const update = job?.update;
    if (job === undefined || facts === undefined || update === undefined) return;
    const { phase } = keeper.record;
    const { size, offset } = job.record;
    const written = job.resumed && phase !== undefined && phase !== "downloading";
    if (size !== undefined && (written || (resumeOffset(job.record) >= size && offset >= size))) dispatch("downloaded");
    else if (!job.resumed && update.digest !== undefined && update.version === facts.slot.version && size !== undefined)
      this.#probe(size);
    else this.#load();
  }

  get waitsForUrl(): boolean {
    return this.#waiting;
  }

  /** A document with a fresh URL is there. */
  refreshed(): void {
    const { job } = this.#context;
    if (!this.#waiting || job?.update === undefined || this.#download === undefined) return;
    this.#stopWaiting();
    this.#download.renew(job.update.url, job.documentAt);
  }

  verify(): void {
    this.#prove(
      (image) => this.#proven(image),
      (error) => this.#disproven(error),
    );
  }

  /** False: the boot flag is not set. */
  setBoot(): boolean {
    try {
      this.#context.options.boot.setBoot();
      return true;
    } catch (error) {
      fail(this.#context, asFotaError(error, "install-failed"));
      return false;
    }
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
    // Otadata could not be changed: an image without its first block is refused by the bootloader, which then starts the running one.
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

  stop(): void {
    this.#stopWaiting();
    this.#fold();
    this.#download?.close();
    this.#download = undefined;
    this.#verify?.close();
    this.#verify = undefined;
  }

  /** The slot may hold the wanted image since an earlier job: its version and length say so, its digest decides. */
  #probe(size: number): void {
    const { job, dispatch, options } = this.#context;
    if (job === undefined) return;
    options.trace("aws-fota: the slot may hold this image already");
    job.record = { ...job.record, size };
    this.#prove(
      () => {
        this.#verify = undefined;
        dispatch("downloaded");
      },
      () => {
        this.#verify = undefined;
        this.#load();
      },
    );
  }

  #load(): void {
    const { job, facts, options, parts, settings } = this.#context;
    const update = job?.update;
    if (job === undefined || facts === undefined || update === undefined) return;
    const offset = resumeOffset(job.record);
    const { size, etag } = job.record;
    this.#download = new DownloadPhase({
      ports: options,
      parts,
      tuning: options.download ?? {},
      url: update.url,
      urlArrived: job.documentAt,
      allowHttp: settings.allowHttp,
      size: update.size,
      limit: facts.limit,
      from: offset > 0 ? { offset, size, etag } : { offset: 0, size: undefined, etag: undefined },
      storeIntervalBytes: settings.storeIntervalBytes,
      judgeHeaders: (headers) => judgeHeaders(headers, update, policyOf(this.#context, facts)),
      judgeImage: (info) => judgeImageInfo(info, update, policyOf(this.#context, facts)),
      onProgress: (written, total) => {
        this.#report.progress(written, total);
        this.#context.callbacks.tell(() => options.onProgress?.(written, total));
      },
      onLoaded: (part) => this.#loaded(part),
      onDone: (part) => {
        job.record = { ...nothingLoaded(job.record, update), ...loadedMembers(part) };
        this.#context.dispatch("downloaded");
      },
      onInterrupted: (error) => this.#interrupted(error),
      onFailed: (error) => fail(this.#context, error),
    });
    this.#download.start();
  }

  #loaded(part: LoadedPart): void {
    const { job, callbacks } = this.#context;
    if (job === undefined) return;
    job.record = { ...nothingLoaded(job.record, job.update), ...loadedMembers(part) };
    this.#fold();
    try {
      store(this.#context);
    } catch (error) {
      callbacks.error(asFotaError(error, "internal-error")); // only a restart would cost more bytes
    }
  }

  /** Moves what the download has cost so far into the bill. */
  #fold(): void {
    const cost = this.#download?.takeBill();
    if (cost === undefined) return;
    const { bill } = this.#context;
    this.#context.bill = {
      bytes: bill.bytes + cost.bytes,
      requests: bill.requests + cost.requests,
      erases: bill.erases + cost.erases,
      stores: bill.stores,
    };
  }

  #interrupted(error: FotaDownloadError): void {
    const { job, inbox, reporter, callbacks, options } = this.#context;
    if (job === undefined || this.#download === undefined) return;
    const at = this.#download.position;
    if (at > job.renewedAt) job.renewals = 0;
    if (error.needsNewUrl && job.renewals < MAX_RENEWALS) {
      job.renewals += 1;
      job.renewedAt = at;
      options.trace(`aws-fota: ${error.code}, asking for a new URL at ${at}`);
      this.#waitForUrl(error);
      reporter.look(true);
    } else if (error.repeatable && !inbox.connected) {
      // The whole network is away. Connecting asks for the job, and its document carries a fresh URL.
      callbacks.error(asFotaError(error, "internal-error"));
      this.#waitForUrl(error);
    } else fail(this.#context, asFotaError(error, "internal-error"));
  }

  /** The answer may be an old one, hold no document, or be lost with the connection: until there is a URL it is asked for again. */
  #waitForUrl(error: FotaDownloadError, answers = 0): void {
    const { inbox, options, reporter } = this.#context;
    this.#waiting = true;
    this.#waitTimer = options.timer.set(() => {
      const count = inbox.connected ? answers + 1 : answers;
      if (count === MAX_URL_ANSWERS) {
        fail(this.#context, asFotaError(error, "internal-error"));
        return;
      }
      this.#waitForUrl(error, count);
      reporter.look(true);
    }, ASK_URL_AGAIN_MS);
  }

  #stopWaiting(): void {
    this.#waiting = false;
    this.#context.options.timer.clear(this.#waitTimer);
    this.#waitTimer = undefined;
  }

  #prove(onProven: (image: ProvenImage) => void, onRefused: (error: FotaError) => void): void {
    const { job, facts, options, parts, settings } = this.#context;
    const update = job?.update;
    const size = job?.record.size;
    if (facts === undefined || update === undefined || size === undefined) {
      fail(this.#context, new FotaError("internal-error", "nothing to verify"));
      return;
    }
    this.#verify = new VerifyPhase({
      ports: options,
      parts,
      size,
      update,
      policy: policyOf(this.#context, facts),
      publicKey: settings.publicKey,
      onProven,
      onRefused,
    });
    this.#verify.start();
  }

  #proven({ version, digest }: ProvenImage): void {
    const { job, dispatch } = this.#context;
    if (job === undefined) return;
    job.record = { ...job.record, to: version, digest, attempts: job.record.attempts + 1 };
    dispatch("verified");
  }

  /** What an earlier run left in the slot may be damaged where this one did not look: one clean download tells. */
  #disproven(error: FotaError): void {
    const { job, dispatch, callbacks } = this.#context;
    if (job === undefined) return;
    const damaged = error.code.startsWith("image-") || dispositionOf(error.code).status === "FAILED";
    if (!job.resumed || !damaged) {
      fail(this.#context, error);
      return;
    }
    callbacks.error(error);
    job.resumed = false;
    job.record = nothingLoaded(job.record, job.update);
    dispatch("reload");
  }
}

function loadedMembers({ offset, size, etag }: LoadedPart) {
  return { offset, ...(size === 0 ? {} : { size }), ...(etag === undefined ? {} : { etag }) };
}
