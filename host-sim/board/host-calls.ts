import { type Esp32, espErrorName, type Partition, SECTOR_SIZE } from "../../modules/esp32-sim/index.js";
import { NodeDigest } from "../chip/node-digest.js";
import type { GuestHeap, HostValue } from "../engines/engine.js";
import type { FirmwareArchive } from "../image/archive.js";
import type { BoardClock } from "./clock.js";
import type { Counters } from "./counters.js";
import type { GuestNetwork } from "./guest-network.js";
import type { GuestTimers } from "./guest-timers.js";
import { bytesOf, numberOf, positionOf, socketRequestOf, storedValueOf, textOf } from "./host-arguments.js";
import type { KeyValueStore } from "./key-value.js";
import { verifyP256 } from "./p256.js";
import type { StepCounter } from "./steps.js";
import type { Wifi } from "./wifi.js";

/** Functions of the native part, run on the simulated ESP-IDF. */
export type NativeCall = (
  name: string,
  args: readonly HostValue[],
  board: { readonly esp32: Esp32; resetReason(): string; restart(): void },
) => HostValue;

/** All that one run of a program may use. A new one is made at each boot. */
export interface GuestServices {
  readonly clock: BoardClock;
  /** Milliseconds since power on. */
  ticks(): number;
  /** Milliseconds since 1970 by the board's own clock. */
  now(): number;
  setTime(seconds: number): void;
  random(): number;
  trace(text: string): void;
  /** Lets `ms` pass while the program waits; longer than the watchdog allows ends the program. */
  delay(ms: number): void;
  /** These two end the program. */
  restart(): never;
  abort(message: string): never;
  resetReason(): string;
  heap(): GuestHeap | undefined;
  readonly timers: GuestTimers;
  readonly network: GuestNetwork;
  readonly wifi: Wifi;
  readonly store: KeyValueStore;
  readonly steps: StepCounter;
  readonly counters: Counters;
  readonly chip: Esp32;
  readonly native: NativeCall;
  readonly firmware: FirmwareArchive;
}

type Arguments = readonly HostValue[];
export type HostCalls = Readonly<Record<string, (args: Arguments) => HostValue>>;

/** The table behind `host(name, ...)`. A call throws an Error for what the device's API would refuse. */
export function hostCalls(board: GuestServices): HostCalls {
  return {
    ...clockCalls(board),
    ...networkCalls(board),
    ...storeCalls(board),
    ...flashCalls(board),
    ...digestCalls(),
    trace: ([text]) => void board.trace(textOf(text)),
    random: () => board.random(),
    restart: () => board.restart(),
    config: () => JSON.stringify(board.firmware.config),
    "resource.get": ([name]) => board.firmware.resources[textOf(name)],
    "ecdsa.verify": ([point, digest, signature]) => verifyP256(bytesOf(point), bytesOf(digest), bytesOf(signature)),
    "instrumentation.get": ([name]) => instrument(textOf(name), board),
    "ffi.names": () => board.firmware.ffi,
    ffi: ([name, ...args]) =>
      board.native(textOf(name), args, {
        esp32: board.chip,
        resetReason: () => board.resetReason(),
        restart: () => board.restart(),
      }),
  };
}

/** The part of the table that the ports of clock and timer call. */
export function clockCalls(board: Pick<GuestServices, "ticks" | "now" | "setTime" | "delay" | "timers">): HostCalls {
  return {
    "clock.ticks": () => board.ticks(),
    "clock.now": () => board.now(),
    "clock.set": ([seconds]) => void board.setTime(numberOf(seconds)),
    "timer.set": ([id, ms, repeat]) => void board.timers.set(numberOf(id), numberOf(ms), numberOf(repeat)),
    "timer.clear": ([id]) => void board.timers.clear(numberOf(id)),
    "timer.delay": ([ms]) => void board.delay(numberOf(ms)),
  };
}

/** The part of the table that the ports of the network call. */
export function networkCalls({ network, wifi }: Pick<GuestServices, "network" | "wifi">): HostCalls {
  return {
    "socket.open": ([id, request]) => void network.open(numberOf(id), socketRequestOf(request)),
    "socket.write": ([id, bytes]) => network.write(numberOf(id), bytesOf(bytes)),
    "socket.peek": ([id]) => network.peek(numberOf(id)),
    "socket.consume": ([id, count]) => void network.consume(numberOf(id), numberOf(count)),
    "socket.close": ([id]) => void network.close(numberOf(id)),
    "dns.resolve": ([id, host, server]) => void network.resolve(numberOf(id), textOf(host), textOf(server)),
    "net.servers": () => [...network.nameServers],
    "sntp.request": ([id, host]) => void network.requestTime(numberOf(id), textOf(host)),
    "sntp.cancel": ([id]) => void network.cancelTime(numberOf(id)),
    "wifi.connect": ([options]) => void wifi.connect(ssidOf(textOf(options))),
    "wifi.disconnect": () => void wifi.disconnect(),
    "wifi.status": () => wifi.status(),
  };
}

function storeCalls({ store, steps, counters }: GuestServices): HostCalls {
  const change = (detail: string, effect: () => void): void => steps.perform("store", detail, effect);
  return {
    "kv.get": ([domain, key]) => store.get(textOf(domain), textOf(key)),
    "kv.keys": ([domain]) => store.keys(textOf(domain)),
    "kv.set": ([domain, key, value]) => {
      const [place, name, content] = [textOf(domain), textOf(key), storedValueOf(value)];
      store.check(place, name, content);
      // The SDK deletes the value that stands there before it writes: power can go in between. [modPreference.c, esp32]
      if (store.get(place, name) !== undefined) change(`delete ${place}/${name}`, () => store.delete(place, name));
      change(`set ${place}/${name}`, () => {
        store.set(place, name, content);
        counters.stores += 1;
      });
    },
    "kv.delete": ([domain, key]) => {
      const [place, name] = [textOf(domain), textOf(key)];
      if (store.get(place, name) !== undefined) change(`delete ${place}/${name}`, () => store.delete(place, name));
    },
  };
}

function flashCalls(board: GuestServices): HostCalls {
  const { chip } = board;
  const find = (path: HostValue): Partition => {
    const partition = chip.findPartition(textOf(path));
    if (partition === undefined) throw new Error("can't find partition");
    return partition;
  };
  const changeable = (path: HostValue): Partition => {
    const partition = find(path);
    // ESP-IDF's guard of the program that runs (CONFIG_SPI_FLASH_DANGEROUS_WRITE_ABORTS).
    if (partition.offset === chip.running?.offset) board.abort(`write to the running slot ${partition.label}`);
    return partition;
  };
  return {
    "flash.status": ([path]) => {
      const { size, label } = find(path);
      return { size, blockLength: SECTOR_SIZE, blocks: size / SECTOR_SIZE, label };
    },
    "flash.labels": () => chip.partitions.map(({ label }) => label),
    "flash.read": ([path, offset, length]) => {
      const { error, bytes } = chip.readPartition(find(path), positionOf(offset), positionOf(length));
      check("read failed", error);
      return bytes;
    },
    "flash.write": ([path, offset, bytes]) =>
      void check("write failed", chip.writePartition(changeable(path), positionOf(offset), bytesOf(bytes))),
    "flash.erase": ([path, start, end]) => {
      const [first, last] = [positionOf(start), positionOf(end)];
      if (last < first) throw new Error("invalid position");
      const length = (last - first) * SECTOR_SIZE;
      check("erase failed", chip.erasePartition(changeable(path), first * SECTOR_SIZE, length));
    },
  };
}

function digestCalls(): HostCalls {
  const digests = new Map<number, NodeDigest>();
  let lastId = 0;
  const find = (id: HostValue): NodeDigest => {
    const digest = digests.get(numberOf(id));
    if (digest === undefined) throw new Error("no such digest");
    return digest;
  };
  return {
    "digest.open": ([algorithm]) => {
      lastId += 1;
      digests.set(lastId, new NodeDigest(textOf(algorithm)));
      return lastId;
    },
    "digest.write": ([id, bytes]) => void find(id).write(bytesOf(bytes)),
    "digest.close": ([id, keep]) => {
      const digest = find(id);
      if (keep !== true) digests.delete(numberOf(id));
      return digest.peek();
    },
  };
}

function check(what: string, error: number): void {
  if (error !== 0) throw new Error(`${what}: ${espErrorName(error)}`);
}

function ssidOf(json: string): string {
  const options: unknown = JSON.parse(json);
  if (typeof options === "object" && options !== null && "SSID" in options) return String(options.SSID);
  throw new Error("SSID required");
}

function instrument(name: string, board: GuestServices): number | undefined {
  if (name === "XS Slot Heap Used") return board.heap()?.slots;
  if (name === "Timers") return board.timers.size;
  if (name === "Network Sockets") return board.network.size;
  return undefined;
}
