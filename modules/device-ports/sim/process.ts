/** The simulator as a process, where nothing needs to be prepared (macOS, Windows) and nothing can end it from within. */

export function prepareProcess(): void {}

/** The system's preferences of macOS and Windows are their user's. */
export function preparePrivateFiles(_root: string): void {}

export function endProcess(): void {
  trace("please close the simulator's window\n");
}
