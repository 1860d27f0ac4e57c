import { makePatch } from "fota-operator/patch";
import { compileFirmware, imageOf } from "../../host-sim/image/index.js";
import { trustingSimulatedKey } from "../../host-sim/signing/index.js";
import { boundOf, ROUND_TRIPS_BEFORE } from "../update/bound.js";
import { measureUpdate } from "../update/measured-update.js";
import { LINKS, type LinkModel } from "../update/models.js";
import { PeerDevice, type PeerTrouble } from "./peer-device.js";
import { detools, STRATEGIES, type Strategy } from "./strategies.js";

export const OURS = "this library";

/** One transfer of one image in one way. Times in milliseconds, whole or with one digit. */
export interface Row {
  readonly link: string;
  readonly trouble: TroubleName;
  readonly size: number;
  readonly way: string;
  readonly ms: number;
  /** The bound of an undisturbed transfer over this time, per cent; by patch that of the flash alone. */
  readonly share: number;
  readonly requests: number;
  readonly handshakes: number;
  readonly wireBytes: number;
  readonly publishes: number;
  readonly erases: number;
  readonly writes: number;
  readonly stores: number;
  readonly longestSliceMs: number;
}

const TROUBLES = Object.freeze({
  none: undefined,
  "power cut at half": { kind: "power-cut", at: [0.5] },
  "three resets": { kind: "connection-reset", at: [0.25, 0.5, 0.75] },
} satisfies Record<string, PeerTrouble | undefined>);
export type TroubleName = keyof typeof TROUBLES;
export const TROUBLE_NAMES: readonly TroubleName[] = ["none", "power cut at half", "three resets"];

/** 256 KiB, 1 MiB, 1.9 MiB: the last one fills a slot but for a little. */
export const SIZES: readonly number[] = [262_144, 1_048_576, 1_992_294];

const FIRMWARE = new URL("../update/firmware.ts", import.meta.url).pathname;

/** Every way on every link through every trouble, for images of these lengths. */
export async function measureAll(sizes: readonly number[], say: (line: string) => void): Promise<Row[]> {
  const firmware = trustingSimulatedKey(await compileFirmware({ entry: FIRMWARE, minify: true }));
  const from = imageOf(firmware, { version: "1.0.1" });
  const rows: Row[] = [];
  for (const size of sizes) {
    const to = imageOf(firmware, { version: "1.0.2", size, seed: 2 });
    for (const link of LINKS) {
      say(`${size} bytes, ${link.name}`);
      for (const trouble of TROUBLE_NAMES) {
        rows.push(await ours({ from, to, link, trouble }));
        for (const strategy of STRATEGIES) rows.push(theirs(strategy, { size, link, trouble }));
      }
    }
  }
  return rows;
}

/**
 * Of a patch of detools with heatshrink, window 8 and lookahead 7, for another version number in an application of
 * 1 MB: its control triples compressed, measured once.
 */
const DETOOLS_SHARE = 0.0157;

/** The same by patch: an image that differs from the running one in its version alone. */
export async function measurePatches(size: number, say: (line: string) => void): Promise<Row[]> {
  const firmware = trustingSimulatedKey(await compileFirmware({ entry: FIRMWARE, minify: true }));
  const from = imageOf(firmware, { version: "1.0.1", size });
  const to = imageOf(firmware, { version: "1.0.2", size });
  const patch = makePatch({ from, to });
  const rows: Row[] = [];
  for (const link of LINKS) {
    say(`by patch of ${patch.length} bytes, ${link.name}`);
    for (const trouble of ["none", "power cut at half"] as const) {
      rows.push(await ours({ from, to, patch, link, trouble }));
      rows.push(theirs(detools(Math.round(DETOOLS_SHARE * size)), { size, link, trouble, byPatch: true }));
    }
  }
  return rows;
}

interface OurCase {
  readonly patch?: Uint8Array;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly link: LinkModel;
  readonly trouble: TroubleName;
}

async function ours({ from, to, patch, link, trouble }: OurCase): Promise<Row> {
  const wanted = TROUBLES[trouble];
  const update = await measureUpdate({
    engine: "node",
    from,
    to,
    model: link,
    ...(patch === undefined ? {} : { patch }),
    ...(wanted === undefined ? {} : { trouble: wanted }),
  });
  if (update.status !== "SUCCEEDED") throw new Error(`${link.name}, ${trouble}: ${update.status}`);
  return {
    ...heading(OURS, { size: to.length, link, trouble, byPatch: patch !== undefined }, update.downloadMs),
    requests: update.requests,
    handshakes: update.connections,
    wireBytes: update.wireBytes,
    publishes: update.messagesFromDevice,
    erases: update.slotErases,
    writes: update.slotWrites,
    stores: update.stores,
    longestSliceMs: tenths(update.longestSliceMs),
  };
}

interface Case {
  readonly byPatch?: boolean;
  readonly size: number;
  readonly link: LinkModel;
  readonly trouble: TroubleName;
}

export function theirs(strategy: Strategy, { size, link, trouble, byPatch = false }: Case): Row {
  const device = new PeerDevice(size, link, { trouble: TROUBLES[trouble], inCallbacks: strategy.inCallbacks });
  strategy.run(device);
  const { ms, longestSliceMs, ...cost } = device.finish();
  return {
    ...heading(strategy.name, { size, link, trouble, byPatch }, ms),
    ...cost,
    longestSliceMs: tenths(longestSliceMs),
  };
}

function heading(way: string, { size, link, trouble, byPatch }: Case, ms: number) {
  const { ms: whole, flashMs } = boundOf(size, link);
  const bound = byPatch === true ? ROUND_TRIPS_BEFORE * link.roundTripMs + flashMs : whole;
  const share = tenths((100 * bound) / ms);
  return { link: link.name, trouble, size, way, ms: Math.round(ms), share };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
