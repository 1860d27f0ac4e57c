/**
 * What executes the firmware. An engine takes the program as text, gives it one function into the board, and delivers
 * events to it, one at a time. Everything is synchronous: when a method returns, the guest has done all it does in that
 * turn, its promise jobs included.
 */

/** What may cross the line between board and guest. Bytes are copied; objects are plain data. */
export type HostValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly HostValue[]
  | { readonly [key: string]: HostValue };

/** The engines there are. */
export type EngineName = "node" | "xs";

/** Causes of a reset that an engine can tell. */
export type PanicReason = "panic" | "task-watchdog";

/** What an engine executes. */
export interface GuestProgram {
  /**
   * Text of a function expression that takes the host function and returns `{ require, dispatch }`: the device's
   * globals and the SDK's modules. See `guest/guest-bundle.ts`.
   */
  readonly ports: string;
  /** Text of the firmware: a CommonJS module that asks `require` for the SDK's modules. */
  readonly firmware: string;
  /** Name of the firmware in stack traces, such as `ota_0/main.js`. */
  readonly name: string;
}

/** An exception out of it is an `Error` inside the guest, except {@link BoardHalt}, which ends the guest. */
export type HostFunction = (name: string, args: readonly HostValue[]) => HostValue;

/** A running program. All methods throw `GuestPanic` when the program ends itself, and pass on `BoardHalt`. */
export interface GuestMachine {
  /** Evaluates the firmware. */
  start(): void;
  /** Delivers one event. */
  dispatch(event: string, id: number, args: readonly HostValue[]): void;
  /** Ends the program at once, in mid-turn too. Nothing is called any more. Idempotent. */
  kill(): void;
  /** Heap of the program where the engine can tell it. */
  heap(): GuestHeap | undefined;
}

/** The heap of a running program. */
export interface GuestHeap {
  /** Slots in use (XS). */
  readonly slots: number;
  /** Bytes the engine took from the system. */
  readonly allocated: number;
  /** What the last turn computed, in the engine's units of metering. */
  readonly computed: number;
}

/** What runs programs. One engine serves any number of boards. */
export interface Engine {
  readonly name: EngineName;
  /** Prepares the program: the globals and the SDK's modules are there, the firmware has not begun. */
  load(program: GuestProgram, host: HostFunction): GuestMachine;
}

/**
 * Thrown through the guest and the flash layers when the program that runs on the board has ended: power cut or reset.
 */
export class BoardHalt extends Error {
  override readonly name = "BoardHalt";
}

/**
 * The program ended itself: an exception that nobody caught, an unhandled rejection, no memory left, a turn without
 * end.
 */
export class GuestPanic extends Error {
  override readonly name = "GuestPanic";
  constructor(
    message: string,
    readonly reason: PanicReason = "panic",
  ) {
    super(message);
  }
}
