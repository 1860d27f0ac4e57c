import type { HostValue } from "../engines/engine.js";
import type { BoardClock, CancelTimer } from "./clock.js";

/** From `connect` to an address, in milliseconds. */
const ASSOCIATE_MS = 100;
/** Values of the SDK's `connection` property. */
const DISCONNECTED = 200;
const HAS_ADDRESS = 500;

/** The Wi-Fi interface: one access point that is there or not. Any name and password will do. */
export class Wifi {
  readonly #clock: BoardClock;
  readonly #changed: () => void;
  #available = true;
  #wanted: string | undefined;
  #connection = DISCONNECTED;
  #cancel: CancelTimer | undefined;

  /** `changed` tells the program that the connection changed. */
  constructor(clock: BoardClock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  connect(ssid: string): void {
    this.#wanted = ssid;
    this.#associate();
  }

  disconnect(): void {
    this.#wanted = undefined;
    this.#cancel?.();
    this.#become(DISCONNECTED);
  }

  /**
   * Takes the access point away or brings it back. A device that asked for it before gets it back by asking again, as
   * with the SDK.
   */
  setAvailable(available: boolean): void {
    this.#available = available;
    if (!available) this.#become(DISCONNECTED);
  }

  status(): HostValue {
    const up = this.#connection === HAS_ADDRESS;
    return {
      connection: this.#connection,
      MAC: "02:00:00:00:00:01",
      ...(up ? { address: "192.0.2.2", SSID: this.#wanted ?? "", RSSI: -50 } : {}),
    };
  }

  /** The board was reset. */
  reset(): void {
    this.#cancel?.();
    this.#wanted = undefined;
    this.#connection = DISCONNECTED;
  }

  #associate(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(ASSOCIATE_MS, () => {
      if (this.#wanted === undefined) return;
      if (this.#available) this.#become(HAS_ADDRESS);
      else this.#changed();
    });
  }

  #become(connection: number): void {
    if (this.#connection === connection) return;
    this.#connection = connection;
    this.#changed();
  }
}
