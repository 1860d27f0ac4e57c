import FFI from "mc/ffi";

/** Of this folder's manifest. Others may write beside it, so that it is looked at before anything is put into it. */
const DEFAULT_ROOT = "/tmp/moddable-aws-fota/";

/**
 * Without this a write to a connection that the peer reset would kill the simulator: its sockets are written to with
 * SIGPIPE in force, and debug builds set the signal back to its default after connecting to the debugger.
 */
export function prepareProcess(): void {
  new FFI().simulator_ignore_sigpipe?.();
}

/**
 * Makes the files of this process its user's alone: the preferences hold the device's key. `root`: where they lie.
 * @throws Error when the default folder is another user's
 */
export function preparePrivateFiles(root: string): void {
  const native = new FFI();
  native.simulator_private_files?.();
  if (root !== DEFAULT_ROOT || native.simulator_default_folder?.() === 0) return;
  throw new Error(
    `${root} is not this user's folder: set "file": { "root": "/some/folder/" } in the manifest's config`,
  );
}

/** What the build gave the virtual machine: `creation.c`. */
export function machineCreation(): ((which: number) => number) | undefined {
  return new FFI().virtual_machine_creation;
}

/** Ends the simulator at once, as a reset ends a board's program. */
export function endProcess(): void {
  new FFI().simulator_exit?.();
}
