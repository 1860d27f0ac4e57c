import FFI from "mc/ffi";

/**
 * Without this a write to a connection that the peer reset would kill the simulator: its sockets are written to with
 * SIGPIPE in force, and debug builds set the signal back to its default after connecting to the debugger.
 */
export function prepareProcess(): void {
  new FFI().simulator_ignore_sigpipe?.();
}

/** Ends the simulator at once, as a reset ends a board's program. */
export function endProcess(): void {
  new FFI().simulator_exit?.();
}
