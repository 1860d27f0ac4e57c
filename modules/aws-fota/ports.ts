import type { FrameDecoder } from "../fota-patch/index.js";
import type { NetworkEndpoint } from "../foundation/endpoint.js";
import type { MachineMemory } from "../foundation/machine-memory.js";
import type { ClockPort, TimerPort } from "../foundation/timer-port.js";
import type { BootControl, SlotFlash, SlotReader } from "../ota-partition/index.js";

export type { ClockPort, TimerId, TimerPort } from "../foundation/timer-port.js";

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
  readonly http: NetworkEndpoint;
  readonly https: NetworkEndpoint;
  readonly timer: TimerPort;
  readonly clock: ClockPort;
  /** [0, 1) */
  readonly random: () => number;
  /** Receives one line for each event worth reading, without secrets. */
  readonly trace: (text: string) => void;
  readonly store: StorePort;
  /** Where the journal is kept over restarts. Default: it is kept in memory only. */
  readonly journal?: StorePort | undefined;
  /** Opens what starts are counted in, when the fleet is told. Default: they are not counted. */
  readonly openBoots?: (() => StorePort) | undefined;
  readonly boot: BootControl;
  /** Opens the slot that is not running, for reading and writing. */
  readonly openSlot: () => SlotFlash;
  /**
   * Opens the slot whose code runs, for reading: what patches are applied to. Default: patches that need it are passed
   * over.
   */
  readonly openRunning?: (() => SlotReader) | undefined;
  /**
   * What decodes patches: `nativeFrames` of `fota-patch/native/index` in a build that includes that folder's manifest.
   * Default: JavaScript, which takes many times as long.
   */
  readonly patchFrames?: (() => FrameDecoder) | undefined;
  readonly Digest: DigestConstructor;
  /**
   * ECDSA P-256. `publicKey`: 65 bytes, uncompressed; `digest`: 32; `signature`: r then s, 64, already range-checked.
   */
  readonly verifyP256: (publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array) => boolean;
  /**
   * What the build gave the virtual machine. With too little for an update the agent says "memory-short" and begins
   * nothing. Default: it is not known, and believed to be enough.
   */
  readonly memory?: MachineMemory | undefined;
};
