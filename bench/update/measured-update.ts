import type { EngineName } from "../../host-sim/engines/index.js";
import { VirtualWorld } from "../../host-sim/world/virtual-world.js";
import { MessageMeter } from "./message-meter.js";
import { FlashModel, type LinkModel } from "./models.js";

export interface UpdateWanted {
  readonly engine: EngineName;
  /** Runs in the first slot. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Default: nothing takes time, for measuring the host. */
  readonly model?: LinkModel;
  /** Bytes of a range request. Default: one open range. */
  readonly rangeLength?: number;
  /** Erase 4 KiB at a time instead of 64. */
  readonly sectorErases?: boolean;
  /** What goes wrong once that share of the image (0 to 1) is in flash. */
  readonly trouble?: { readonly kind: "power-cut" | "connection-reset"; readonly at: number };
}

/** What one update took, from the job's creation to its terminal status. */
export interface MeasuredUpdate {
  readonly status: string;
  /** Milliseconds of this machine. */
  readonly hostMs: number;
  /**
   * Milliseconds of virtual time: until the terminal status; of the download, from its connection to the last write
   * into the slot.
   */
  readonly virtualMs: number;
  readonly downloadMs: number;
  readonly flashBusyMs: number;
  readonly requests: number;
  readonly handshakes: number;
  /** Bytes of HTTPS that reached the device beyond the image: headers, and what was fetched again. */
  readonly extraBytes: number;
  /** PUBLISH packets. */
  readonly messagesFromDevice: number;
  readonly messagesToDevice: number;
  readonly blocksErased: number;
  readonly sectorsErased: number;
  readonly flashWrites: number;
  /** Of the key-value store. */
  readonly stores: number;
  readonly boots: number;
}

const JOB = "bench-1";
const HTTPS_PORT = ":443 ";
/** Writes of otadata are shorter. */
const SLOT_WRITE = 4096;
const OFF_MS = 1000;
const LIMIT_MS = 3_600_000;
/** Until the device has connected and asked for a job. */
const SETTLE_MS = 10_000;
/** After the terminal status the device still removes its record. */
const REST_MS = 5000;

/** One whole update in a fresh virtual world. Same arguments, same figures but for `hostMs`. */
export async function measureUpdate(wanted: UpdateWanted): Promise<MeasuredUpdate> {
  const { engine, from, to, model, rangeLength, sectorErases, trouble } = wanted;
  const meter = new MessageMeter();
  const flash = new FlashModel();
  let downloadBegan: number | undefined;
  let downloadEnded = 0;
  let inSlot = 0;
  let pending = trouble;
  let strike = false;
  const world: VirtualWorld = await VirtualWorld.create({
    image: from,
    faults: meter.over(),
    ...(model === undefined ? {} : { link: model.link }),
    config: {
      ...(rangeLength === undefined ? {} : { rangeLength }),
      ...(sectorErases === undefined ? {} : { sectorErases }),
    },
    board: {
      engine,
      flashTiming: false,
      onStep: (step) => {
        const { kind, detail } = step;
        if (model !== undefined) flash.take(step, world.clock);
        if (kind === "net-open" && `${detail} `.includes(HTTPS_PORT)) downloadBegan ??= world.clock.now();
        if (kind !== "flash-write" || downloadBegan === undefined) return;
        const length = Number(detail.slice(detail.indexOf("+") + 1));
        if (length === SLOT_WRITE) inSlot += length;
        if (length === SLOT_WRITE) downloadEnded = world.clock.now();
        if (pending !== undefined && inSlot >= pending.at * to.length) {
          pending = undefined;
          strike = true;
        }
      },
    },
  });
  try {
    world.board.powerOn();
    world.clock.advance(SETTLE_MS);
    const { counters } = world.board;
    const before = { ...counters, sent: meter.fromDevice, received: meter.toDevice };
    const startedAt = performance.now();
    const startedVirtual = world.clock.now();
    world.cloud.publish({ image: to, version: "1.0.2", jobId: JOB });
    if (trouble !== undefined) {
      world.runUntil(() => strike, LIMIT_MS);
      if (trouble.kind === "connection-reset") world.cloud.network.resetConnections();
      else {
        world.board.powerCut();
        world.clock.advance(OFF_MS);
        world.board.powerOn();
      }
    }
    const status = world.runToEnd(JOB, LIMIT_MS) ?? "none";
    const virtualMs = world.clock.now() - startedVirtual;
    const hostMs = performance.now() - startedAt;
    world.clock.advance(REST_MS);
    return {
      status,
      hostMs,
      virtualMs,
      downloadMs: downloadEnded - (downloadBegan ?? downloadEnded),
      flashBusyMs: flash.busyMs,
      requests: world.cloud.http.counters.requests,
      handshakes: counters.handshakes - before.handshakes,
      extraBytes: meter.httpsToDevice - to.length,
      messagesFromDevice: meter.fromDevice - before.sent,
      messagesToDevice: meter.toDevice - before.received,
      blocksErased: counters.blocksErased - before.blocksErased,
      sectorsErased: counters.sectorsErased - before.sectorsErased,
      flashWrites: counters.flashWrites - before.flashWrites,
      stores: counters.stores - before.stores,
      boots: counters.boots - before.boots,
    };
  } finally {
    world.close();
  }
}
