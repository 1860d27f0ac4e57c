import type { EngineName } from "../../host-sim/engines/index.js";
import { VirtualWorld } from "../../host-sim/world/virtual-world.js";
import { MessageMeter } from "./message-meter.js";
import { type LinkModel, linkOf } from "./models.js";
import type { Span } from "./time-line.js";
import { UpdateMeter } from "./update-meter.js";

export interface UpdateWanted {
  readonly engine: EngineName;
  /** Runs in the first slot. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** From the running image to the new one, offered beside it. */
  readonly patch?: Uint8Array;
  /** Default: nothing takes time, for measuring the host. */
  readonly model?: LinkModel;
  /** Bytes of a range request. Default: one open range. */
  readonly rangeLength?: number;
  /** Erase 4 KiB at a time instead of 64. */
  readonly sectorErases?: boolean;
  /** What goes wrong once those shares of the image (0 to 1, ascending) are in flash. */
  readonly trouble?: Trouble;
}

/** `at`: shares of the image in flash, 0 to 1, ascending. */
export interface Trouble {
  readonly kind: "power-cut" | "connection-reset";
  readonly at: readonly number[];
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
  /** The longest time in which flash commands kept one turn, and nothing else ran. */
  readonly longestSliceMs: number;
  /** Bytes of HTTPS on the wire, both ways, TLS records included, handshakes not. */
  readonly wireBytes: number;
  /** Connections to the object store, and commands to the slot. */
  readonly connections: number;
  readonly slotErases: number;
  readonly slotWrites: number;
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
  /** What happened when, milliseconds from the creation of the job. */
  readonly spans: readonly Span[];
}

const JOB = "bench-1";
const OFF_MS = 1000;
const LIMIT_MS = 3_600_000;
/** Until the device has connected and asked for a job. */
const SETTLE_MS = 10_000;
/** After the terminal status the device still removes its record. */
const REST_MS = 5000;

/** One whole update in a fresh virtual world. Same arguments, same figures but for `hostMs`. */
export async function measureUpdate(wanted: UpdateWanted): Promise<MeasuredUpdate> {
  const { engine, from, to, patch, model, rangeLength, sectorErases, trouble } = wanted;
  const messages = new MessageMeter();
  let meter: UpdateMeter | undefined;
  const world: VirtualWorld = await VirtualWorld.create({
    image: from,
    faults: messages.over(),
    ...(model === undefined ? {} : { link: linkOf(model), window: model.window }),
    config: {
      ...(rangeLength === undefined ? {} : { rangeLength }),
      ...(sectorErases === undefined ? {} : { sectorErases }),
    },
    board: {
      engine,
      flashTiming: false,
      onStep: (step) => meter?.step(step, world.board.counters.turns),
    },
  });
  const { clock, board, cloud } = world;
  meter = new UpdateMeter(clock, model);
  cloud.network.onSent = (segment) => meter.sent(segment);
  try {
    board.powerOn();
    clock.advance(SETTLE_MS);
    const before = { ...board.counters, sent: messages.fromDevice, received: messages.toDevice };
    const startedAt = performance.now();
    const startedVirtual = clock.exact;
    const patches = patch === undefined ? [] : [{ bytes: patch, base: { image: from } }];
    cloud.publish({ image: to, version: "1.0.2", jobId: JOB, patches });
    if (trouble !== undefined) strike(world, trouble, (share) => meter.inSlot >= share * to.length);
    const status = world.runToEnd(JOB, LIMIT_MS) ?? "none";
    const virtualMs = clock.exact - startedVirtual;
    const hostMs = performance.now() - startedAt;
    clock.advance(REST_MS);
    const { counters } = board;
    return {
      status,
      hostMs,
      virtualMs,
      downloadMs: meter.ended - (meter.began ?? meter.ended),
      longestSliceMs: meter.longestSliceMs,
      wireBytes: meter.wireBytes,
      connections: meter.connections,
      slotErases: meter.erases,
      slotWrites: meter.writes,
      requests: cloud.http.counters.requests,
      handshakes: counters.handshakes - before.handshakes,
      extraBytes: messages.httpsToDevice - to.length,
      messagesFromDevice: messages.fromDevice - before.sent,
      messagesToDevice: messages.toDevice - before.received,
      blocksErased: counters.blocksErased - before.blocksErased,
      sectorsErased: counters.sectorsErased - before.sectorsErased,
      flashWrites: counters.flashWrites - before.flashWrites,
      stores: counters.stores - before.stores,
      boots: counters.boots - before.boots,
      spans: meter.timeLine.spans.map(({ activity, from: begin, to: end }) => ({
        activity,
        from: begin - startedVirtual,
        to: end - startedVirtual,
      })),
    };
  } finally {
    world.close();
  }
}

function strike({ clock, board, cloud }: VirtualWorld, { kind, at }: Trouble, isIn: (share: number) => boolean) {
  for (const share of at) {
    clock.runUntil(() => isIn(share), LIMIT_MS);
    if (kind === "connection-reset") cloud.network.resetConnections();
    else {
      board.powerCut();
      clock.advance(OFF_MS);
      board.powerOn();
    }
  }
}
