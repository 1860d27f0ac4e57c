import WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import { keepTime } from "./time-keeper.js";

/** What {@link bringUpNetwork} needs. The same type serves each platform under this specifier. */
export type NetworkLinkOptions = {
  readonly ssid: string;
  readonly password: string;
  /** Time servers, asked in turn. */
  readonly sntp: readonly string[];
  trace(text: string): void;
  /** Called once, when there is an address and a time of day: TLS can work from here on. */
  onReady(): void;
};

/** No address after this long: the attempt is given up and made anew. The radio can hang in association. */
const ASSOCIATE_TIMEOUT_MS = 30_000;
/**
 * Waits between attempts: 1 s, doubled up to a minute, so that an access point that comes back is found within a
 * minute.
 */
const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 60_000;
/** `connection` values of ECMA-419's network interface. */
const HAS_ADDRESS = 500;
const DISCONNECTED = 200;

const retryDelay = (attempt: number) => Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.min(attempt, 16));

/**
 * Joins the Wi-Fi network, sets the clock, calls `onReady`, and joins again whenever the network is lost. Replaces the
 * SDK's `setup/network`, which waits for ever without Wi-Fi, so that the self-test of a new image would never start.
 */
export function bringUpNetwork(options: NetworkLinkOptions): void {
  const { ssid, password, trace } = options;
  if (ssid === "") {
    trace('network: no "ssid" configured; see docs/device.md');
    return;
  }

  let hadAddress = false;
  let attempt = 0;
  /** The one timer: it ends an attempt that takes too long, or the pause before the next one. */
  let timer: Timer | undefined;
  let joining = false;

  const joinLater = (what: string) => {
    joining = false;
    const delay = retryDelay(attempt++);
    trace(`network: ${what}; next attempt in ${delay / 1000} s`);
    Timer.clear(timer);
    timer = Timer.set(join, delay);
  };

  const wifi = new WiFi({
    onChanged() {
      const { connection } = wifi;
      if (connection >= HAS_ADDRESS) {
        Timer.clear(timer);
        timer = undefined;
        joining = false;
        attempt = 0;
        trace(`network: address ${wifi.address}`);
        if (!hadAddress) keepTime({ ...options, servers: options.sntp });
        hadAddress = true;
      } else if (connection <= DISCONNECTED && (joining || timer === undefined)) {
        joinLater(joining ? "refused by the access point" : "Wi-Fi lost");
      }
    },
  });

  function join(): void {
    joining = true;
    timer = Timer.set(() => {
      wifi.disconnect();
      joinLater("no address");
    }, ASSOCIATE_TIMEOUT_MS);
    // Without `secure` the driver would also join an open network of that name; the SDK's typings do not know the
    // member.
    const access = password === "" ? { SSID: ssid } : { SSID: ssid, password, secure: true };
    try {
      wifi.connect(access);
    } catch (error) {
      // The driver may be out of memory, for example. An exception that leaves a timer's callback restarts the board.
      joinLater(String(error));
    }
  }
  join();
}
