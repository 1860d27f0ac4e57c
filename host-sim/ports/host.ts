/**
 * The line between guest and board: one synchronous function into the board, one entry for its events.
 * The engine evaluates this bundle with the function `host` in scope and calls `dispatch` for each event.
 */

/** What may cross the line. Bytes are copied; objects are plain data. */
export type HostValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly HostValue[]
  | { readonly [key: string]: HostValue };

type HostFunction = (name: string, ...args: readonly HostValue[]) => HostValue;
type EventHandler = (id: number, args: readonly HostValue[]) => void;

declare const host: HostFunction;

let board: HostFunction = (name, ...args) => host(name, ...args);
const eventHandlers = new Map<string, EventHandler>();
const endOfTurn: (() => void)[] = [];

/** Puts a board of the caller's behind the ports where no engine has put `host` into their scope: unit tests. */
export function useHost(other: HostFunction): void {
  board = other;
}

export function callHost(name: string, ...args: readonly HostValue[]): HostValue {
  return board(name, ...args);
}

export function callNumber(name: string, ...args: readonly HostValue[]): number {
  const value = board(name, ...args);
  if (typeof value !== "number") throw new TypeError(`host call ${name} returned no number`);
  return value;
}

/** Bytes from the board: always a fresh array of this realm. */
export function asBytes(value: HostValue): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError("the board returned no bytes");
  return value;
}

export function onHostEvent(event: string, handler: EventHandler): void {
  eventHandlers.set(event, handler);
}

/** `action` runs after each event, also when its handler threw. */
export function atEndOfTurn(action: () => void): void {
  endOfTurn.push(action);
}

/**
 * Delivers one event of the board. An exception that leaves this function has escaped a callback called from native
 * code: on the device that restarts the board.
 */
export function dispatch(event: string, id: number, ...args: readonly HostValue[]): void {
  try {
    eventHandlers.get(event)?.(id, args);
  } finally {
    for (const action of endOfTurn) action();
  }
}
