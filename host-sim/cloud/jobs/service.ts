import { AwsError, type CloudContext } from "../context/context.js";
import { NamedTimers } from "../context/named-timers.js";
import { Outbox, type PublishMessage } from "../context/outbox.js";
import { RateLimit } from "../context/rate-limit.js";
import type { Registry } from "../context/registry.js";
import { JobStore } from "./job-store.js";
import { DEFAULT_JOBS_OPTIONS, type JobsOptions } from "./options.js";
import type { JobPackages } from "./packages.js";

/** What the Jobs service is given. */
export interface JobsSettings {
  readonly context: CloudContext;
  readonly registry: Registry;
  /** Makes a GET of the S3 object at `url` possible for `expiresInSec` seconds. */
  presign(url: string, expiresInSec: number): string;
  /** The text of the S3 object at `url`, undefined when there is none. Needed for `documentSource`. */
  readS3Object?(url: string): string | undefined;
  /** Needed for `destinationPackageVersions`. */
  readonly packages?: JobPackages;
  readonly options?: Partial<JobsOptions>;
}

/**
 * AWS IoT Jobs: state, time and outgoing messages. The operations are functions over it, one file each, in `control/`
 * and `data/`. Everything is synchronous; a change is in the store when the operation returns, and what it has to tell
 * devices goes out on a later turn, so the answer to the request always goes first. `openJobs` makes one that goes on
 * where the last one over its store ended.
 */
export class JobsService {
  readonly context: CloudContext;
  readonly registry: Registry;
  readonly options: JobsOptions;
  readonly store: JobStore;
  readonly timers: NamedTimers;
  readonly presign: (url: string, expiresInSec: number) => string;
  readonly packages: JobPackages | undefined;
  readonly readS3Object: (url: string) => string | undefined;
  readonly #outbox: Outbox;
  readonly #reads: RateLimit;
  readonly #writes: RateLimit;

  constructor(settings: JobsSettings) {
    this.context = settings.context;
    this.registry = settings.registry;
    this.options = { ...DEFAULT_JOBS_OPTIONS, ...settings.options };
    this.store = new JobStore(settings.context.store);
    this.timers = new NamedTimers(settings.context.clock, (error) => this.context.log(`jobs: timer failed: ${error}`));
    this.#outbox = new Outbox(settings.context, this.timers);
    this.packages = settings.packages;
    this.presign = (url, expiresInSec) => settings.presign(url, expiresInSec);
    this.readS3Object = (url) => settings.readS3Object?.(url);
    this.#reads = new RateLimit(settings.context.clock, this.options.dataPlaneReadsPerSecond);
    this.#writes = new RateLimit(settings.context.clock, this.options.dataPlaneWritesPerSecond);
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.context.clock.now();
  }

  /** Adds a front end that carries messages to subscribers. Returns what removes it. */
  attach(publish: PublishMessage): () => void {
    return this.#outbox.attach(publish);
  }

  /** All changes and messages of `body`, or none when it throws. */
  transaction<T>(body: () => T): T {
    return this.#outbox.transaction(body);
  }

  /** Queues a message; it leaves on a later turn. */
  send(topic: string, payload: unknown): void {
    this.#outbox.send(topic, payload);
  }

  /** @throws AwsError `RequestThrottled` beyond the account's rate for reads of the data plane. */
  takeRead(): void {
    this.#take(this.#reads);
  }

  /** @throws AwsError `RequestThrottled` beyond the account's rate for writes of the data plane. */
  takeWrite(): void {
    this.#take(this.#writes);
  }

  /** Stops all timers. State stays in the store, messages not yet sent are lost, as at a power cut. */
  close(): void {
    this.timers.close();
    this.#outbox.close();
  }

  #take(limit: RateLimit): void {
    if (!limit.take()) throw new AwsError("RequestThrottled", "Rate exceeded");
  }
}
