/**
 * SDK `embedded:network/interface/wifi`. `connection`: at most 200 disconnected, 400 and up associated, 500 and up has
 * an address.
 */
import { invalidHostObject } from "./bytes.js";
import { callHost, type HostValue, onHostEvent } from "./host.js";

interface WiFiOptions {
  readonly onChanged?: (this: WiFi, property: string) => void;
  readonly target?: unknown;
}

interface WiFiStatus {
  readonly connection: number;
  readonly address?: string;
  readonly MAC?: string;
  readonly SSID?: string;
  readonly RSSI?: number;
}

const instances = new Set<WiFi>();
let changed: (wifi: WiFi, property: string) => void;

function statusOf(value: HostValue): WiFiStatus {
  if (typeof value !== "object" || value === null || !("connection" in value)) return { connection: 0 };
  return {
    connection: Number(value.connection),
    ...(typeof value.address === "string" ? { address: value.address } : {}),
    ...(typeof value.MAC === "string" ? { MAC: value.MAC } : {}),
    ...(typeof value.SSID === "string" ? { SSID: value.SSID } : {}),
    ...(typeof value.RSSI === "number" ? { RSSI: value.RSSI } : {}),
  };
}

class WiFi {
  #options: WiFiOptions | undefined;
  declare target: unknown;

  static {
    changed = (wifi, property) => wifi.#options?.onChanged?.call(wifi, property);
  }

  constructor(options: WiFiOptions = {}) {
    this.#options = options;
    if (options.target !== undefined) this.target = options.target;
    instances.add(this);
  }

  connect(options: object): void {
    this.#live();
    callHost("wifi.connect", JSON.stringify(options));
  }

  disconnect(): void {
    this.#live();
    callHost("wifi.disconnect");
  }

  close(): void {
    this.#options = undefined;
    instances.delete(this);
  }

  get connection(): number {
    return this.#live().connection;
  }

  get address(): string | undefined {
    return this.#live().address;
  }

  get MAC(): string | undefined {
    return this.#live().MAC;
  }

  get SSID(): string | undefined {
    return this.#live().SSID;
  }

  get RSSI(): number | undefined {
    return this.#live().RSSI;
  }

  #live(): WiFiStatus {
    if (this.#options === undefined) throw invalidHostObject("WiFi");
    return statusOf(callHost("wifi.status"));
  }
}

onHostEvent("wifi.changed", (_id, args) => {
  for (const wifi of [...instances]) changed(wifi, String(args[0] ?? "connection"));
});

export default WiFi;
