import type { FaultRule, HttpFault } from "local-aws-iot/virtual";
import type { Link } from "../board/network/index.js";
import type { CutPlace } from "../board/steps.js";

/**
 * What an update is: a good image, one that crashes at its start, in its self-test, or hangs in it; one of which a byte
 * is wrong in the bucket; the version that runs already; or a good one whose job the operator cancels.
 */
export const KINDS = Object.freeze([
  "good",
  "crashes-at-start",
  "crashes-later",
  "hangs",
  "damaged",
  "same-version",
  "canceled",
] as const);
export type Kind = (typeof KINDS)[number];

/**
 * What is offered beside the image: nothing, a patch against what runs, one of which bytes are wrong, one against an
 * image that is not installed, or the image compressed.
 */
export const PATCH_KINDS = Object.freeze(["none", "fits", "damaged", "other-base", "compressed"] as const);
export type PatchKind = (typeof PATCH_KINDS)[number];

/** Chances for each name, connection and chunk, from 0 to 1, while the bad weather lasts. */
export type Weather = {
  readonly lastsMs: number;
  readonly noName: number;
  readonly noConnection: number;
  readonly chunkDelay: number;
  readonly chunkStall: number;
  readonly chunkReset: number;
  readonly chunkHalfClose: number;
};

export type PlannedCut = {
  /** Steps of the board after the update's beginning, or after the cut before. */
  readonly afterSteps: number;
  readonly where: CutPlace;
  readonly seed: number;
  /** Until the power is back. */
  readonly offMs: number;
};

/** Both front ends of the cloud are away. */
export type Outage = { readonly atMs: number; readonly forMs: number };

/** One update and all the trouble that it meets. */
export type UpdatePlan = {
  /** From 1. */
  readonly number: number;
  readonly kind: Kind;
  /** Bytes of the image. */
  readonly size: number;
  readonly link: Link;
  readonly weather: Weather;
  readonly cuts: readonly PlannedCut[];
  readonly outages: readonly Outage[];
  /** After the job was created; the job is canceled by force then. */
  readonly cancelAtMs: number | undefined;
  readonly mqtt: readonly FaultRule[];
  readonly http: readonly HttpFault[];
  readonly patch: PatchKind;
};

/** More than the firmware takes, so that the filler decides; up to six erase blocks. */
const SIZES = [240_000, 400_000] as const;
/** Steps of an update, about. */
const STEPS = 260;
const MINUTE = 60_000;

/** The plan of one update. Draws from `random` alone. */
export function planUpdate(number: number, random: () => number): UpdatePlan {
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from));
  const pick = <T>(list: readonly T[], otherwise: T): T => list[between(0, list.length)] ?? otherwise;
  const some = <T>(chances: readonly number[], make: () => T): T[] =>
    chances.filter((chance) => random() < chance).map(() => make());
  const kind = drawKind(random());
  const stormy = random() < 0.5;
  const chance = (most: number) => (stormy ? random() * most : 0);
  return {
    number,
    kind,
    size: between(...SIZES),
    link: {
      latencyMs: between(1, 300),
      bytesPerSecond: between(10_000, 400_000),
      chunkBytes: pick([536, 1460, 4096, 16_384], 1460),
    },
    weather: {
      lastsMs: stormy ? between(MINUTE / 2, 10 * MINUTE) : 0,
      noName: chance(0.3),
      noConnection: chance(0.3),
      chunkDelay: chance(0.05),
      chunkStall: chance(0.01),
      chunkReset: chance(0.01),
      chunkHalfClose: chance(0.01),
    },
    cuts: some([0.4, 0.2, 0.1], () => ({
      afterSteps: between(1, STEPS),
      where: pick<CutPlace>(["before", "torn", "after"], "before"),
      seed: between(0, 1_000_000),
      offMs: between(200, 20_000),
    })),
    outages: some([0.15, 0.05], () => ({ atMs: between(0, 2 * MINUTE), forMs: between(1000, 7 * MINUTE) })),
    cancelAtMs: kind === "canceled" ? between(0, 40_000) : undefined,
    mqtt: some([0.2, 0.1, 0.05], () => mqttFault(between, pick)),
    http: some([0.2, 0.1, 0.05], () => httpFault(between, pick)),
    patch: drawPatch(random()),
  };
}

function drawKind(number: number): Kind {
  if (number < 0.6) return "good";
  if (number < 0.65) return "crashes-at-start";
  if (number < 0.7) return "crashes-later";
  if (number < 0.74) return "hangs";
  if (number < 0.79) return "damaged";
  return number < 0.85 ? "same-version" : "canceled";
}

function drawPatch(number: number): PatchKind {
  if (number < 0.7) return "none";
  if (number < 0.86) return "fits";
  if (number < 0.91) return "damaged";
  return number < 0.95 ? "other-base" : "compressed";
}

type Between = (from: number, to: number) => number;
type Pick = <T>(list: readonly T[], otherwise: T) => T;

function mqttFault(between: Between, pick: Pick): FaultRule {
  const match = {
    direction: pick(["in", "out"] as const, "in"),
    packet: pick(["publish", "publish", "puback", "suback", "connack", "pingresp"], "publish"),
    skip: between(0, 6),
  };
  return pick<FaultRule>(
    [
      { ...match, kind: "drop" },
      { ...match, kind: "duplicate", packet: "publish" },
      { ...match, kind: "delay", ms: between(100, 40_000) },
      { ...match, kind: "close" },
      { direction: match.direction, kind: "close-after-bytes", bytes: between(20, 6000) },
    ],
    { ...match, kind: "close" },
  );
}

function httpFault(between: Between, pick: Pick): HttpFault {
  const at = between(0, 300_000);
  return pick<HttpFault>(
    [
      { drop: true },
      { delayMs: between(1000, 50_000) },
      { status: 503, error: "SlowDown", times: between(1, 4) },
      { status: 500, error: "InternalError" },
      { expireUrl: true },
      { cutAfterBytes: at, times: between(1, 3) },
      { stallAfterBytes: at },
      { drip: { bytes: 4096, everyMs: between(10, 500) } },
      { ignoreRange: true },
      { close: true },
      { chunked: true },
    ],
    { drop: true },
  );
}
