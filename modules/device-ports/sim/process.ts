/** The simulator's process on macOS and Windows: nothing has to be prepared, and the firmware cannot end it. */

export function prepareProcess(): void {}

/** The system's preferences of macOS and Windows are their user's. */
export function preparePrivateFiles(_root: string): void {}

/** Not told there. */
export function machineCreation(): ((which: number) => number) | undefined {
  return undefined;
}

export function endProcess(): void {
  trace("please close the simulator's window\n");
}
