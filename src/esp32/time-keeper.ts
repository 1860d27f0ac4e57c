import Preference from "preference";
import Time from "time";
import Timer from "timer";
import { askTime } from "./time-sync.js";

/** What {@link keepTime} needs. */
export type TimeKeeperOptions = {
  /** Time servers, asked in turn until one answers. */
  readonly servers: readonly string[];
  trace(text: string): void;
  /** Called once: the clock says enough for TLS. */
  onReady(): void;
};

/** Waits between attempts: 1 s, doubled up to a minute. */
const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 60_000;
/** The board's clock drifts by seconds a day; flash is written as often. */
const DAY_MS = 86_400_000;

/** NVS, beside the settings of the device. */
const DOMAIN = "device";
const KEY = "lastTime";

/**
 * Sets the clock by a time server, at once and once a day, and remembers the time.
 *
 * Where no server answers (many networks block UDP port 123) a clock that stands at 1970 after power on is set to the
 * time remembered, and TLS is tried with that: it lies behind the true time by as long as the board was off, which
 * certificates usually forgive. It never sets a clock back. Without a time to remember nothing is ready: TLS could not
 * work.
 */
export function keepTime({ servers, trace, onReady }: TimeKeeperOptions): void {
  let ready = false;
  const becomeReady = () => {
    if (!ready) onReady();
    ready = true;
  };
  const ask = (attempt: number) => {
    askTime(servers, (seconds) => {
      if (seconds !== undefined) {
        Time.set(seconds);
        remember(seconds);
        Timer.set(() => ask(0), DAY_MS);
        return becomeReady();
      }
      const delay = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.min(attempt, 16));
      const known = remembered();
      const goesOn = ready || known === 0 ? "" : `; going on with the last known time`;
      trace(
        `network: no time from ${servers.join(", ")}: UDP port 123 may be blocked${goesOn}; next attempt in ${delay / 1000} s`,
      );
      Timer.set(() => ask(attempt + 1), delay);
      if (known === 0) return;
      if (Date.now() < known * 1000) Time.set(known);
      becomeReady();
    });
  };
  ask(0);
}

/** Seconds since 1970; 0: none, or NVS cannot be read. */
function remembered(): number {
  try {
    const text = Preference.get(DOMAIN, KEY);
    return typeof text === "string" && /^\d{1,10}$/.test(text) ? Number(text) : 0;
  } catch {
    return 0;
  }
}

/** Flash wears: a time within a day of the one that is there is not written. */
function remember(seconds: number): void {
  try {
    if (Math.abs(seconds - remembered()) * 1000 >= DAY_MS) Preference.set(DOMAIN, KEY, String(seconds));
  } catch {
    // NVS is full or damaged: the board has the time, and will not have it after a power cut without a time server.
  }
}
