import type { GuardOptions, TcpCallbacks } from "./tcp-port.js";

/**
 * Callbacks of one socket, made safe to call from native code: nothing is thrown, the first exception becomes one later
 * `onError`, and nothing is called after an error or after {@link CallbackGuard.close}.
 */
export class CallbackGuard {
  #target: { readonly [Name in keyof Required<TcpCallbacks>]: TcpCallbacks[Name] | undefined } | undefined;
  #failed = false;
  #pending: object | undefined;
  readonly #options: GuardOptions;

  /** @param target the callbacks are taken out of it; it is not kept, since socket options are large */
  constructor({ onReadable, onWritable, onError }: TcpCallbacks, options: GuardOptions) {
    this.#target = { onReadable, onWritable, onError };
    this.#options = options;
  }

  /** Calls `onReadable` or `onWritable` with `receiver` as `this`. */
  deliver(receiver: object, name: "onReadable" | "onWritable", count: number): void {
    if (this.#target === undefined || this.#failed) return;
    // run() is not used here, to save a stack frame: TLS, MQTT and their users are called from here, and the engine's
    // stack is small.
    try {
      this.#target[name]?.call(receiver, count);
    } catch (error) {
      this.fail(receiver, error);
    }
  }

  /** Runs `body` unless the socket has failed or was closed. An exception of it ends the socket. */
  run(receiver: object, body: () => void): void {
    if (this.#target === undefined || this.#failed) return;
    try {
      body();
    } catch (error) {
      this.fail(receiver, error);
    }
  }

  /** The socket itself failed. Says so at once, unless an exception has been noticed before. */
  deliverError(receiver: object, error?: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.report(receiver, error);
  }

  close(): void {
    this.#target = undefined;
    this.#options.timer.clear(this.#pending);
    this.#pending = undefined;
  }

  private fail(receiver: object, error: unknown): void {
    // After close: the client closed the socket and went on using it. There is nobody left to be told.
    if (this.#failed || this.#target === undefined) return;
    this.#failed = true;
    this.trace(error);
    // Later, because the SDK's clients close the socket in onError and the code that threw may still be using it.
    this.#pending = this.#options.timer.set(() => {
      this.#pending = undefined;
      this.report(receiver, error);
    });
  }

  private report(receiver: object, error: unknown): void {
    const target = this.#target;
    try {
      target?.onError?.call(receiver, error);
    } catch (thrown) {
      this.trace(thrown);
    }
  }

  private trace(error: unknown): void {
    try {
      this.#options.onException?.(error);
    } catch {
      // An observer that throws must not restart the device either.
    }
  }
}
