import SNTP from "sntp";
import Timer from "timer";

/**
 * A server gets one packet and a repetition five seconds later; SNTP itself would go on for 25 s. Also covers a name
 * that is looked up for ever.
 */
const SERVER_TIMEOUT_MS = 10_000;

/** The SDK's class has the method, its typings do not. */
function closeRequest(sntp: object | undefined): void {
  try {
    if (sntp !== undefined && "close" in sntp && typeof sntp.close === "function") sntp.close();
  } catch {
    // It is closed already.
  }
}

/**
 * Asks time servers, one after the other until one answers. `onDone` is called exactly once, on a later turn, with the
 * seconds since 1970, or `undefined` when none answered. Sets nothing.
 */
export function askTime(servers: readonly string[], onDone: (seconds: number | undefined) => void): void {
  const [server, ...others] = servers;
  let settled = false;
  let sntp: object | undefined;
  const settle = (seconds?: number) => {
    if (settled) return;
    settled = true;
    Timer.clear(timeout);
    if (seconds !== undefined || others.length === 0) onDone(seconds);
    else askTime(others, onDone);
  };
  const timeout = Timer.set(() => {
    closeRequest(sntp);
    settle();
  }, SERVER_TIMEOUT_MS);
  try {
    if (server === undefined) throw new Error("no server");
    sntp = new SNTP({ host: server }, (message, value) => {
      if (message === SNTP.time) settle(value);
      else if (message === SNTP.error) settle();
    });
  } catch {
    // No socket: the caller tries again later. An exception here would restart the board.
    Timer.set(() => settle());
  }
}
