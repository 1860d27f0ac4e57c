import type { ServerResponse } from "node:http";
import { HEARTBEAT_MS, type ShownDevice, type StreamEvents } from "../shown/index.js";

/** What may wait for one that does not read: it is cut off then, and begins anew when it comes back. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Pages that are open, each of which reads one stream of events. [HTML: server-sent events] */
export class Viewers {
  readonly #open = new Set<ServerResponse>();
  /** Rows as they were sent last. */
  #rows = new Map<string, string>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor() {
    this.#heartbeat = setInterval(() => this.send("ping", {}), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  get count(): number {
    return this.#open.size;
  }

  /** Opens a stream, which begins with all devices. `closed` is called when its reader has gone. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>, closed: () => void): void {
    response.writeHead(200, { ...headers, "Content-Type": "text/event-stream; charset=utf-8" });
    response.flushHeaders();
    this.#open.add(response);
    response.on("close", () => {
      this.#open.delete(response);
      closed();
    });
  }

  /** All devices for one that has just come. */
  greet(response: ServerResponse, devices: readonly ShownDevice[]): void {
    response.write(eventText("devices", { all: true, devices, gone: [] }));
  }

  send<Name extends keyof StreamEvents>(name: Name, value: StreamEvents[Name], only?: ServerResponse): void {
    const text = eventText(name, value);
    for (const response of only === undefined ? this.#open : [only]) {
      if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
      else response.write(text);
    }
  }

  /** Only rows that have changed. */
  sendDevices(devices: readonly ShownDevice[]): void {
    const rows = new Map<string, string>();
    const changed: ShownDevice[] = [];
    for (const device of devices) {
      const text = JSON.stringify(device);
      rows.set(device.thing, text);
      if (this.#rows.get(device.thing) !== text) changed.push(device);
    }
    const gone = [...this.#rows.keys()].filter((thing) => !rows.has(thing));
    this.#rows = rows;
    if (changed.length > 0 || gone.length > 0) this.send("devices", { all: false, devices: changed, gone });
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const response of this.#open) response.end();
  }
}

function eventText<Name extends keyof StreamEvents>(name: Name, value: StreamEvents[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
