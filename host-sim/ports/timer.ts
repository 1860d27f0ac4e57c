/**
 * SDK `timer`. Callbacks run on a later turn, never inside `set`; the id is an object on which a program may hang
 * properties.
 */
import { callHost, onHostEvent } from "./host.js";

type TimerCallback = (timer: TimerId) => void;

class TimerId {}

interface Entry {
  readonly id: number;
  readonly callback: TimerCallback;
  repeats: boolean;
}

const NEVER = -1;

const byObject = new WeakMap<object, Entry>();
const byNumber = new Map<number, TimerId>();
let lastId = 0;

function integer(value: unknown): number {
  return Number(value) | 0;
}

function start(callback: TimerCallback, delay: number, repeat: number): TimerId {
  const timer = new TimerId();
  const entry: Entry = { id: ++lastId, callback, repeats: repeat > 0 };
  byObject.set(timer, entry);
  byNumber.set(entry.id, timer);
  callHost("timer.set", entry.id, Math.max(0, delay), repeat > 0 ? repeat : NEVER);
  return timer;
}

function forget(timer: object, entry: Entry): void {
  byObject.delete(timer);
  byNumber.delete(entry.id);
}

onHostEvent("timer", (id) => {
  const timer = byNumber.get(id);
  const entry = timer && byObject.get(timer);
  if (timer === undefined || entry === undefined) return;
  try {
    // A callback that is no function (swapped arguments) fails here, not in set().
    entry.callback(timer);
  } finally {
    if (!entry.repeats && byNumber.get(id) === timer) forget(timer, entry);
  }
});

// biome-ignore lint/complexity/noStaticOnlyClass: the SDK has a class here, and programs may test for it
class Timer {
  static set(...args: readonly [TimerCallback?, unknown?, unknown?]): TimerId {
    if (args[0] === undefined || args[0] === null) throw new SyntaxError("Timer.set: no callback");
    return start(args[0], integer(args[1] ?? 0), integer(args[2] ?? 0));
  }

  static repeat(callback: TimerCallback, interval: unknown): TimerId {
    return start(callback, integer(interval), integer(interval));
  }

  static schedule(timer: object, ...args: readonly [unknown?, unknown?]): void {
    const entry = byObject.get(timer);
    if (entry === undefined) throw new SyntaxError("Timer.schedule: invalid timer");
    callHost("timer.clear", entry.id);
    if (args.length === 0) return;
    const repeat = integer(args[1] ?? 0);
    entry.repeats = repeat > 0;
    callHost("timer.set", entry.id, Math.max(0, integer(args[0])), repeat > 0 ? repeat : NEVER);
  }

  /** `undefined`, null and timers that already fired are accepted. */
  static clear(timer?: object | null): void {
    const entry = timer ? byObject.get(timer) : undefined;
    if (!timer || entry === undefined) return;
    callHost("timer.clear", entry.id);
    forget(timer, entry);
  }

  /** Blocks the whole board; longer than the task watchdog allows means a reset. */
  static delay(milliseconds: unknown): void {
    callHost("timer.delay", integer(milliseconds));
  }
}

export type { TimerId };
export default Timer;
