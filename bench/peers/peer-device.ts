import { VirtualClock } from "../../host-sim/board/index.js";
import { VirtualNetwork } from "../../host-sim/board/network/index.js";
import type { BoardSocket } from "../../host-sim/board/network-backend.js";
import { BLOCK, eraseMs, type LinkModel, linkOf, SECTOR, writeMs } from "../update/models.js";
import { HOST, MQTT_PORT, type ObjectServer, PORT, serveObject } from "./object-server.js";

/** The connection ended, or the power went. */
export class Interrupted extends Error {
  constructor(readonly kind: "connection-reset" | "power-cut") {
    super(kind);
  }
}

export interface PeerTrouble {
  readonly kind: Interrupted["kind"];
  /** Shares of the image that were written at least, ascending. */
  readonly at: readonly number[];
}

export interface PeerCircumstances {
  readonly trouble?: PeerTrouble | undefined;
  readonly inCallbacks?: boolean | undefined;
}

/** What a strategy cost. Milliseconds of virtual time. */
export interface PeerCost {
  ms: number;
  requests: number;
  handshakes: number;
  publishes: number;
  erases: number;
  writes: number;
  stores: number;
  longestSliceMs: number;
  wireBytes: number;
}

/** Longest waiting for anything: the models lose nothing, so that it only ends a bench that hangs. */
const PATIENCE_MS = 600_000;
/** Without power, bootloader and start, as the simulated board has them. */
const OFF_MS = 1300;
/**
 * From the start to the first byte asked for again: name look-up, TCP and TLS, CONNECT, the subscription and the
 * request for the job, IN_PROGRESS, and the name look-up of the object store.
 */
const ROUND_TRIPS_TO_THE_JOB = 9;

/**
 * The device under a peer's strategy: the same network and flash models as under our firmware. A strategy is plain code
 * that waits where its peer waits; nothing but network and flash takes time.
 */
export class PeerDevice {
  readonly clock = new VirtualClock();
  readonly size: number;
  readonly cost: PeerCost = {
    ms: 0,
    requests: 0,
    handshakes: 0,
    publishes: 0,
    erases: 0,
    writes: 0,
    stores: 0,
    longestSliceMs: 0,
    wireBytes: 0,
  };
  readonly #network: VirtualNetwork;
  readonly #server: ObjectServer;
  readonly #link: LinkModel;
  readonly #troubles: { readonly kind: Interrupted["kind"]; readonly bytes: number }[];
  #socket: BoardSocket | undefined;
  #broken = false;
  #connected = false;
  #written = 0;
  /** Flash time since others last had a turn. */
  #sliceMs = 0;
  readonly #inCallbacks: boolean;
  #began: number;

  /**
   * `inCallbacks`: one event loop for all: others wait until the program waits. Otherwise it is a task, and others run
   * between two commands to the flash.
   */
  constructor(size: number, link: LinkModel, { trouble, inCallbacks = false }: PeerCircumstances = {}) {
    this.#inCallbacks = inCallbacks;
    this.size = size;
    this.#link = link;
    this.#troubles = (trouble?.at ?? []).map((share) => ({ kind: trouble?.kind ?? "power-cut", bytes: share * size }));
    this.#network = new VirtualNetwork({ clock: this.clock, link: linkOf(link), window: link.window });
    this.#network.onSent = ({ length }) => {
      this.cost.wireBytes += length;
    };
    this.#server = serveObject(this.#network, size);
    this.#began = this.clock.exact;
  }

  /** The last byte is in flash. */
  finish(): PeerCost {
    this.cost.ms = this.clock.exact - this.#began;
    return this.cost;
  }

  get isOpen(): boolean {
    return this.#socket !== undefined && !this.#broken;
  }

  /** TCP and TLS. `mqtt`: and then CONNECT, as a device does whose session was lost. */
  connect(mqtt = false): void {
    this.#socket?.close();
    this.#broken = this.#connected = false;
    this.cost.handshakes += 1;
    const secure = { serverName: HOST, now: this.clock.now() };
    this.#socket = this.#network.connect(
      { address: this.#server.address, port: mqtt ? MQTT_PORT : PORT, secure },
      {
        connected: () => {
          this.#connected = true;
        },
        readable: () => undefined,
        writable: () => undefined,
        error: () => {
          this.#broken = true;
        },
        tlsFailure: () => {
          this.#broken = true;
        },
      },
    );
    this.#wait(() => this.#connected || this.#broken);
    this.#requireConnection();
  }

  /** Over the MQTT connection that brought the job: it costs this transfer nothing. */
  connectBefore(): void {
    this.connect(true);
    this.#began = this.clock.exact;
    this.cost.handshakes = 0;
    this.cost.wireBytes = 0;
  }

  /** Asks for `count` bytes from `start`, and waits for the head of the answer. Connects when that is needed. */
  request(start: number, count: number): void {
    if (!this.isOpen) this.connect();
    this.cost.requests += 1;
    this.#requireConnection().write(this.#server.rangeRequest(start, count));
    this.#read(this.#server.headLength);
  }

  /** Sends a message of `length` bytes over MQTT that asks for a block, and waits for the block. */
  askBlock(start: number, count: number): void {
    this.cost.publishes += 1;
    this.#requireConnection().write(this.#server.blockRequest(start, count));
    this.#read(this.#server.blockOverhead);
    this.readAll(count);
  }

  /** Waits for at least one byte of the body and takes what is there, at most `most`. Returns how many. */
  read(most: number): number {
    const socket = this.#requireConnection();
    this.#wait(() => socket.peek().length > 0 || this.#broken);
    const count = Math.min(most, socket.peek().length);
    if (count === 0) throw new Interrupted("connection-reset");
    socket.consume(count);
    return count;
  }

  /** Bytes that are there and need no waiting. */
  get available(): number {
    return this.#socket?.peek().length ?? 0;
  }

  readAll(count: number): void {
    this.#read(count);
  }

  erase(length: number): void {
    this.cost.erases += 1;
    this.#flash(eraseMs(length));
  }

  /** Blocks of 64 KiB as far as they go, then sectors: what ESP-IDF's driver makes of a long range. */
  eraseRange(length: number): void {
    for (let at = 0; at < length; ) {
      const step = length - at >= BLOCK ? BLOCK : SECTOR;
      this.erase(step);
      this.breathe();
      at += step;
    }
  }

  /** So many bytes behind those written before. */
  write(length: number): void {
    this.cost.writes += 1;
    this.#flash(writeMs(length));
    this.#written += length;
    const [next] = this.#troubles;
    if (next === undefined || this.#written < next.bytes) return;
    this.#troubles.shift();
    this.#interrupt(next.kind);
  }

  /** What is in flash counts from here on. */
  restartAt(offset: number): void {
    this.#written = offset;
  }

  store(): void {
    this.cost.stores += 1;
  }

  /** Others get their turn: a task gives way between two commands to the flash, or an event loop turns. */
  breathe(): void {
    this.#sliceMs = 0;
    this.clock.advance(0);
  }

  #interrupt(kind: Interrupted["kind"]): never {
    this.#network.resetConnections();
    this.#socket?.destroy();
    this.#socket = undefined;
    this.breathe();
    if (kind === "power-cut") this.clock.advance(OFF_MS + ROUND_TRIPS_TO_THE_JOB * this.#link.roundTripMs);
    throw new Interrupted(kind);
  }

  #flash(ms: number): void {
    this.clock.block(ms);
    this.#sliceMs = this.#inCallbacks ? this.#sliceMs + ms : ms;
    this.cost.longestSliceMs = Math.max(this.cost.longestSliceMs, this.#sliceMs);
  }

  #read(count: number): void {
    for (let left = count; left > 0; ) left -= this.read(left);
  }

  #wait(done: () => boolean): void {
    if (!done()) this.#sliceMs = 0;
    if (!this.clock.runUntil(done, PATIENCE_MS)) throw new Error("the strategy waits for nothing");
  }

  #requireConnection(): BoardSocket {
    if (this.#socket === undefined || this.#broken) throw new Interrupted("connection-reset");
    return this.#socket;
  }
}
