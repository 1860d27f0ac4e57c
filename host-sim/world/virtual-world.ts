import { isTerminal } from "local-aws-iot/facts";
import { type Identity, issueAuthority, issueDevice } from "local-aws-iot/pki";
import type { Board, BoardEvent, BoardSetup, KeyValueStore, Step } from "../board/index.js";
import { createBoard, VirtualClock } from "../board/index.js";
import type { ConfigValue } from "../image/index.js";
import { MQTT_HOST, VirtualCloud, type VirtualCloudOptions } from "./virtual-cloud.js";

/** What a virtual world is made of. */
export interface WorldOptions extends Omit<VirtualCloudOptions, "clock" | "thingName" | "certificate" | "seed"> {
  /** Image in the first slot. */
  readonly image: Uint8Array;
  /** Default 1: everything random in board, network and cloud depends on it. */
  readonly seed?: number;
  /** Default `board-1`. */
  readonly thingName?: string;
  /** Further `mc/config` members of the board. */
  readonly config?: Readonly<Record<string, ConfigValue>>;
  readonly resources?: Readonly<Record<string, Uint8Array>>;
  readonly board?: Omit<BoardSetup, "clock" | "network" | "image" | "seed" | "config" | "resources">;
}

/** Where the firmware keeps the record of its job: namespace and the two keys in NVS, the first one first. */
const RECORD_DOMAIN = "aws-fota";
const RECORD_KEYS: readonly string[] = Object.freeze(["record", "record2"]);

/** Whether a step of the board stores the record. */
export function isRecordStore({ kind, detail }: Pick<Step, "kind" | "detail">): boolean {
  return kind === "store" && RECORD_KEYS.some((key) => detail === `set ${RECORD_DOMAIN}/${key}`);
}

/** The record in a board's store, as text; `undefined` when there is none. */
export function recordIn(store: KeyValueStore): string | undefined {
  const found = RECORD_KEYS.map((key) => store.get(RECORD_DOMAIN, key)).find((text) => text !== undefined);
  return found === undefined ? undefined : String(found);
}

let identity: Promise<Identity> | undefined;

/**
 * Certificate and key of every virtual board, real ones, as the firmware looks at them. On the virtual network nobody
 * signs, and the cloud knows the certificate by its hash: so they change nothing in a run.
 */
export function virtualIdentity(): Promise<Identity> {
  identity ??= issueAuthority("virtual boards").then(issueDevice);
  return identity;
}

/** One board, its AWS and their network on one virtual clock: same options, same run, to the byte. */
export class VirtualWorld {
  readonly clock: VirtualClock;
  readonly cloud: VirtualCloud;
  readonly board: Board;
  /** Everything the board told, in order. */
  readonly events: readonly BoardEvent[];

  private constructor(clock: VirtualClock, cloud: VirtualCloud, board: Board, events: readonly BoardEvent[]) {
    this.clock = clock;
    this.cloud = cloud;
    this.board = board;
    this.events = events;
  }

  /** The board is off; {@link Board.powerOn} starts it. */
  static async create(options: WorldOptions): Promise<VirtualWorld> {
    const { image, seed = 1, thingName = "board-1", config, resources, board: setup, ...cloudOptions } = options;
    const clock = new VirtualClock();
    const { certificateDer: certificate, privateKeyDer: key } = await virtualIdentity();
    const cloud = new VirtualCloud({ ...cloudOptions, clock, thingName, certificate, seed });
    const events: BoardEvent[] = [];
    const board = await createBoard({
      ...setup,
      clock,
      network: cloud.network,
      image,
      seed,
      config: { endpoint: MQTT_HOST, thingName, ssid: "virtual", ...config },
      resources: { "device-certificate.der": certificate, "device-key.der": key, ...resources },
      onEvent: (event) => {
        events.push(event);
        setup?.onEvent?.(event);
      },
    });
    return new VirtualWorld(clock, cloud, board, events);
  }

  /** Lines the firmware traced. */
  get trace(): string[] {
    return this.events.flatMap((event) => (event.type === "trace" ? [event.text] : []));
  }

  /** Version of the image whose code runs now. */
  get runningVersion(): string | undefined {
    const { running } = this.board;
    return running === undefined ? undefined : this.board.chip.describe(running)?.version;
  }

  /** The firmware's record of its job, as text; `undefined` when there is none. */
  get record(): string | undefined {
    return recordIn(this.board.store);
  }

  /** Whether the firmware remembers a job that has not come to its end. */
  get hasOpenJob(): boolean {
    return this.record?.includes('"job"') === true;
  }

  status(jobId: string): string | undefined {
    return this.cloud.execution(jobId)?.status;
  }

  /**
   * Lets events happen until `done` holds; `false` when it does not within `limitMs` of virtual time, by default a day.
   */
  runUntil(done: () => boolean, limitMs = 86_400_000): boolean {
    return this.clock.runUntil(done, limitMs);
  }

  /** Runs until the job's execution is over. Returns its status, or the one it is stuck in. */
  runToEnd(jobId: string, limitMs?: number): string | undefined {
    this.runUntil(() => isTerminal(this.status(jobId)), limitMs);
    return this.status(jobId);
  }

  close(): void {
    this.board.powerCut();
    this.cloud.close();
  }
}
