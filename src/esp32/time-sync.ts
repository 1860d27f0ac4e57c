import SNTP from "sntp";
import Time from "time";
import Timer from "timer";

/** SNTP gives up by itself after its own tries; this covers a request that ends in silence. */
const TIME_TIMEOUT_MS = 30_000;

/**
 * Asks an SNTP server once and sets the clock. `onDone` is called exactly once, on a later turn, with whether the clock
 * is set now.
 */
export function syncTime(server: string, onDone: (ok: boolean) => void): void {
  let timeout: Timer | undefined;
  let settled = false;
  const settle = (seconds?: number) => {
    if (settled) return;
    settled = true;
    Timer.clear(timeout);
    if (seconds !== undefined) Time.set(seconds);
    onDone(seconds !== undefined);
  };
  timeout = Timer.set(() => settle(), TIME_TIMEOUT_MS);
  try {
    new SNTP({ host: server }, (message, value) => {
      if (message === SNTP.time) settle(value);
      else if (message === SNTP.error) settle();
    });
  } catch {
    // No socket, or a name that cannot be looked up: the caller tries again later. An exception here would restart the
    // board.
    Timer.set(() => settle());
  }
}
