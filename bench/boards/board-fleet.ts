import { type Board, type BoardEvent, createBoard, RealClock } from "../../host-sim/board/index.js";
import { LoopbackNetwork } from "../../host-sim/board/network/index.js";
import { SharedFlash } from "./shared-flash.js";

/** One board's name and proof of it, DER. */
export interface BoardCredentials {
  readonly thingName: string;
  readonly certificate: Uint8Array;
  /** PKCS#8. */
  readonly key: Uint8Array;
}

/** What a process needs to run some of the boards; it can be sent to another one. */
export interface FleetSetup {
  readonly boards: readonly BoardCredentials[];
  /** A whole chip as the cable leaves it. */
  readonly flash: Uint8Array;
  readonly host: string;
  readonly port: number;
  readonly root: Uint8Array;
  /** Names that lead to this machine. */
  readonly cloudNames: readonly string[];
  /** Version that the boards are to end with. */
  readonly to: string;
}

/** How far some boards are. */
export interface FleetState {
  /** Boards that AWS IoT has answered, and boards that run the new version and have reported it. */
  readonly ready: number;
  readonly updated: number;
  /** The first things that went wrong. */
  readonly faults: readonly string[];
  /** ms of this machine's clock at which each was updated. */
  readonly updatedAt: readonly number[];
}

/** Sample lines of the firmware's log. */
const READY = "mqtt: connected";
const SETTLED = "aws-fota: reporting -> idle (settled)";
const MAX_FAULTS = 5;
/** Between two boards' power on: a listening socket queues only so many handshakes. */
const POWER_ON_EVERY_MS = 5;

/** Whole simulated boards on this computer's network and clock, each with the whole firmware. */
export class BoardFleet {
  readonly #boards: Board[] = [];
  readonly #ready = new Set<string>();
  readonly #faults: string[] = [];
  readonly #updatedAt: number[] = [];

  private constructor() {}

  /** The boards are off. */
  static async create(setup: FleetSetup): Promise<BoardFleet> {
    const fleet = new BoardFleet();
    const { host, port, root, cloudNames, flash } = setup;
    const hosts = Object.fromEntries(cloudNames.map((name) => [name, "127.0.0.1"]));
    const allowedHosts = [...new Set([...cloudNames, host])].join(" ");
    for (const { thingName, certificate, key } of setup.boards) {
      const board: Board = await createBoard({
        engine: "node",
        clock: new RealClock(),
        network: new LoopbackNetwork({ hosts }),
        flash: new SharedFlash(flash),
        config: { endpoint: host, port, thingName, ssid: "simulated", allowedHosts },
        resources: { "root-ca.der": root, "device-certificate.der": certificate, "device-key.der": key },
        onEvent: (event) => fleet.#seen(thingName, board, event, setup.to),
      });
      fleet.#boards.push(board);
    }
    return fleet;
  }

  get state(): FleetState {
    return {
      ready: this.#ready.size,
      updated: this.#updatedAt.length,
      faults: this.#faults,
      updatedAt: this.#updatedAt,
    };
  }

  async powerOn(): Promise<void> {
    for (const board of this.#boards) {
      board.powerOn();
      await new Promise((resolve) => setTimeout(resolve, POWER_ON_EVERY_MS));
    }
  }

  powerCut(): void {
    for (const board of this.#boards) board.powerCut();
  }

  #seen(thingName: string, board: Board, event: BoardEvent, to: string): void {
    if (event.type === "reset" && event.reason !== "software") this.#fault(`${thingName}: ${event.reason}`);
    if (event.type !== "trace") return;
    if (event.text.includes(READY)) this.#ready.add(thingName);
    if (!event.text.includes(SETTLED)) return;
    const slot = board.running;
    const version = slot === undefined ? undefined : board.chip.describe(slot)?.version;
    if (version === to) this.#updatedAt.push(Date.now());
    else this.#fault(`${thingName}: settled with ${version ?? "nothing"}`);
  }

  #fault(text: string): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(text);
  }
}
