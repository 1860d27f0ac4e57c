import { AwsError, type CloudContext } from "../context/context.js";
import { NamedTimers } from "../context/named-timers.js";
import { Outbox, type PublishMessage } from "../context/outbox.js";
import { RateLimit } from "../context/rate-limit.js";
import type { Registry } from "../context/registry.js";
import { DEFAULT_SHADOW_OPTIONS, type ShadowOptions } from "./options.js";
import type { ShadowId } from "./record.js";
import { ShadowStore } from "./store.js";
import { shadowTopic } from "./topics.js";

/** Things whose rate is kept; when there are more all start anew. */
const MAX_RATES = 20_000;

/** What the Device Shadow service is given. */
export interface ShadowSettings {
  readonly context: CloudContext;
  readonly registry: Pick<Registry, "thing">;
  readonly options?: Partial<ShadowOptions>;
}

/**
 * The AWS IoT Device Shadow service: state and outgoing messages. The operations are functions over it, one file each,
 * in `operations/`. Everything is synchronous; a change is in the store when the operation returns.
 */
export class ShadowService {
  readonly context: CloudContext;
  readonly options: ShadowOptions;
  readonly store: ShadowStore;
  readonly #registry: Pick<Registry, "thing">;
  readonly #timers: NamedTimers;
  readonly #outbox: Outbox;
  readonly #rates = new Map<string, RateLimit>();

  constructor({ context, registry, options }: ShadowSettings) {
    this.context = context;
    this.options = { ...DEFAULT_SHADOW_OPTIONS, ...options };
    this.store = new ShadowStore(context.store);
    this.#registry = registry;
    this.#timers = new NamedTimers(context.clock, (error) => context.log(`shadows: timer failed: ${error}`));
    this.#outbox = new Outbox(context, this.#timers);
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.context.clock.now();
  }

  /** The whole second, as shadows write times. */
  get timestamp(): number {
    return Math.floor(this.now / 1000);
  }

  /** Adds a front end that carries messages to subscribers. Returns what removes it. */
  attach(publish: PublishMessage): () => void {
    return this.#outbox.attach(publish);
  }

  /** All changes and messages of `body`, or none when it throws. */
  transaction<T>(body: () => T): T {
    return this.#outbox.transaction(body);
  }

  /** Queues a message of a shadow, such as `update/accepted`. */
  send(id: ShadowId, what: string, payload: unknown): void {
    this.#outbox.send(shadowTopic(id, what), payload);
  }

  /** Counts a request. @throws AwsError `ResourceNotFound`, `Throttling` */
  admit({ thingName }: ShadowId): void {
    if (this.options.needsThing && this.#registry.thing(thingName) === undefined) {
      throw new AwsError("ResourceNotFound", "Thing not found");
    }
    if (this.#rates.size >= MAX_RATES && !this.#rates.has(thingName)) this.#rates.clear();
    const rate =
      this.#rates.get(thingName) ?? new RateLimit(this.context.clock, this.options.requestsPerSecondAndThing);
    this.#rates.set(thingName, rate);
    if (!rate.take()) throw new AwsError("Throttling", "Too many requests");
  }

  /** Stops. State stays in the store, messages not yet sent are lost, as at a power cut. */
  close(): void {
    this.#timers.close();
    this.#outbox.close();
  }
}

/** @throws AwsError `ResourceNotFound` */
export function noShadow({ thingName, shadowName }: ShadowId): AwsError {
  const name = shadowName === undefined ? thingName : `${thingName}~${shadowName}`;
  return new AwsError("ResourceNotFound", `No shadow exists with name: '${name}'`);
}
