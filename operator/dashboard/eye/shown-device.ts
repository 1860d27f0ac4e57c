import type { DeviceFacts } from "../../fleet/index.js";
import type { ShownDevice } from "../shown/index.js";
import { cleanText, timeOf } from "./clean-text.js";
import type { Followed } from "./job-follow.js";
import { type Patience, stuckOf } from "./stuck.js";

/** What is known of a device, from wherever. */
export type DeviceParts = {
  readonly thing: string;
  readonly facts: DeviceFacts | undefined;
  /** When the facts were asked for. */
  readonly readAt: number;
  /** Its latest job. */
  readonly latest: Followed | undefined;
  /** The latest job that it took, with the version that this brought. */
  readonly succeeded: (Followed & { readonly version: string }) | undefined;
};

/** What it runs; "" when nothing tells. A job that ended after the facts were read knows better than they do. */
export function versionOf({ facts, readAt, succeeded }: DeviceParts): string {
  const told = cleanText(facts?.version ?? "");
  if (succeeded === undefined) return told;
  return succeeded.lastUpdatedAt > readAt || told === "" ? succeeded.version : told;
}

/** The row of a device. */
export function shownDevice(parts: DeviceParts, patience: Patience, now: number): ShownDevice {
  const { thing, facts, latest } = parts;
  const details = latest?.details ?? {};
  // What it said while it was at it is no news of one that has ended well.
  const isAtIt = latest?.status === "IN_PROGRESS";
  const device = {
    thing: cleanText(thing),
    version: versionOf(parts),
    project: cleanText(facts?.project ?? ""),
    slot: cleanText(facts?.slot ?? ""),
    status: latest?.status ?? "",
    jobId: latest?.jobId ?? "",
    state: isAtIt ? (details.state ?? "") : "",
    progress: isAtIt ? (details.progress ?? "") : "",
    code: latest?.status === "SUCCEEDED" ? "" : (details.code ?? ""),
    heardAt: Math.max(
      timeOf(facts?.heardAt),
      latest === undefined || latest.status === "QUEUED" ? 0 : latest.lastUpdatedAt,
    ),
    connected: facts?.connected ?? null,
  };
  const judged = {
    ...device,
    detail: details.detail ?? "",
    queuedAt: latest?.queuedAt ?? 0,
    lastUpdatedAt: latest?.lastUpdatedAt ?? 0,
  };
  return { ...device, stuck: stuckOf(judged, patience, now) };
}
