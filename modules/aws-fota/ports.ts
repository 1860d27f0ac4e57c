import type { HttpEndpoint } from "../fota-download/index.js";
import type { BootControl, SlotFlash } from "../ota-partition/index.js";

/** The SDK's `timer`. Milliseconds; clearing undefined or a timer that has fired is allowed. */
export type TimerPort = {
  set(callback: () => void, milliseconds?: number): TimerId;
  clear(id: TimerId | undefined): void;
};
/** A running timer; opaque. */
export type TimerId = object;

/** Two clocks: one that never goes back, and the time of day. */
export type ClockPort = {
  /** Milliseconds, monotonic, never wraps. */
  ticks(): number;
  /** Milliseconds since 1970; wrong until the time was set. */
  now(): number;
};

/** One text under 4000 bytes that survives a power cut: the old or the new one is there, never a mixture. */
export type StorePort = {
  read(): string | undefined;
  write(text: string): void;
  remove(): void;
};

/** The SDK's `Digest` of `crypt`. */
export type DigestConstructor = new (
  algorithm: string,
) => { write(data: Uint8Array | ArrayBuffer | string): void; close(): ArrayBuffer };

/** What the agent needs of the platform. `devicePorts()` of `device-ports` makes it; spread it into the options. */
export type FotaPorts = {
  readonly http: HttpEndpoint;
  readonly https: HttpEndpoint;
  readonly timer: TimerPort;
  readonly clock: ClockPort;
  /** [0, 1) */
  readonly random: () => number;
  /** Receives one line for each event worth reading, without secrets. */
  readonly trace: (text: string) => void;
  readonly store: StorePort;
  readonly boot: BootControl;
  /** Opens the slot that is not running, for reading and writing. */
  readonly openSlot: () => SlotFlash;
  readonly Digest: DigestConstructor;
  /** ECDSA P-256. `publicKey`: 65 bytes, uncompressed; `digest`: 32; `signature`: r then s, 64, already range-checked. */
  readonly verifyP256: (publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array) => boolean;
};
