/**
 * What every service of the local AWS is given: time, randomness, storage and identity. Services take nothing else from
 * their surroundings, so that the same code runs on the wall clock with a store on disk and on a virtual clock with a
 * store in memory.
 */

/** Cancels a timer of {@link CloudClock.after}. Calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** The time that the services live by. */
export interface CloudClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once, `ms` milliseconds from now, never before the current call stack ended. */
  after(ms: number, callback: () => void): CancelTimer;
}

/** JSON-like values that a store keeps. */
export type Stored =
  | string
  | number
  | boolean
  | null
  | readonly Stored[]
  | { readonly [key: string]: Stored | undefined };

/** What a store keeps under a key. */
export interface StoredEntry {
  readonly key: readonly string[];
  readonly value: Stored;
}

/** A part of a list, so that a page of a long one does not cost the whole. */
export interface ListPart {
  /** Only entries behind this key, which need not be there. */
  readonly after?: readonly string[] | undefined;
  /** At most so many. */
  readonly limit?: number;
}

/**
 * Ordered key-value store. A write is durable when the call returns (or when {@link CloudStore.transaction} returns).
 * A key that cannot be stored, because of NUL in a part or its length, is one under which nothing stands: only `put`
 * throws for it, `UnstorableKeyError`.
 */
export interface CloudStore {
  get(key: readonly string[]): Stored | undefined;
  put(key: readonly string[], value: Stored): void;
  remove(key: readonly string[]): void;
  /** Entries whose key starts with `prefix`, in key order. */
  list(prefix: readonly string[], part?: ListPart): Iterable<StoredEntry>;
  /** All writes of `body` land together or not at all. */
  transaction<T>(body: () => T): T;
  close(): void;
}

export interface CloudContext {
  readonly clock: CloudClock;
  readonly store: CloudStore;
  /** AWS region of all ARNs and signatures, by default `us-east-1`. */
  readonly region: string;
  /** Twelve-digit account number of all ARNs. */
  readonly account: string;
  /** `byteLength` random bytes; seeded in scenarios. */
  random(byteLength: number): Uint8Array;
  /** One line for the operator's log; never a secret. */
  log(line: string): void;
}

/**
 * An error of an AWS operation. The front ends turn it into an MQTT rejection or an HTTP error of the service's form.
 */
export class AwsError extends Error {
  override readonly name = "AwsError";
  constructor(
    /** The service's name of the error without suffix, such as `ResourceNotFound` or `VersionMismatch`. */
    readonly code: string,
    message: string,
    /** Further members of the error's body, such as `executionState` or `resourceArn`. */
    readonly members: Readonly<Record<string, Stored>> = {},
  ) {
    super(message);
  }
}
