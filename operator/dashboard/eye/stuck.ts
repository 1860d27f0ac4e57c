import type { ShownDevice, Stuck } from "../shown/index.js";
import { adviceOn, codeOf } from "./endings.js";

/** When a device is stuck. */
export type Patience = {
  /** Without a word of one that is at it. */
  readonly progressMs: number;
  /** From queued to begun. */
  readonly beginMs: number;
  /** Without a word of one that is not connected. */
  readonly silentMs: number;
};

/** What the judgement needs of a device. */
export type Judged = Omit<ShownDevice, "stuck"> & {
  readonly detail: string;
  readonly queuedAt: number;
  readonly lastUpdatedAt: number;
};

/** Why a device does not have what it should; `null` when nothing says so. */
export function stuckOf(device: Judged, patience: Patience, now: number): Stuck | null {
  return ended(device) ?? waiting(device, patience, now) ?? silent(device, patience, now);
}

const ENDS = { FAILED: "failed", REJECTED: "refused", TIMED_OUT: "timed-out" } as const;

function ended({ status, code, detail, lastUpdatedAt }: Judged): Stuck | null {
  // It runs what the job wanted to bring.
  if (code === "same-version") return null;
  if (status !== "FAILED" && status !== "REJECTED" && status !== "TIMED_OUT") return null;
  const name = codeOf(status, code);
  return {
    why: ENDS[status],
    since: lastUpdatedAt,
    text: detail === "" ? name : `${name}: ${detail}`,
    todo: adviceOn(name)?.todo ?? "",
  };
}

function waiting(device: Judged, { progressMs, beginMs }: Patience, now: number): Stuck | null {
  const { status, state, progress, lastUpdatedAt, queuedAt, connected } = device;
  const offline = connected === false ? ", and it is offline" : "";
  if (status === "IN_PROGRESS" && now - lastUpdatedAt > progressMs)
    return {
      why: "no-progress",
      since: lastUpdatedAt,
      text: `no progress at ${[state || "its beginning", progress].filter(Boolean).join(" ")}${offline}`,
      todo: "It goes on by itself when it is connected again; look at its power and its network.",
    };
  if (status === "QUEUED" && now - queuedAt > beginMs)
    return {
      why: "not-begun",
      since: queuedAt,
      text: `has not taken the job${offline}`,
      todo: "It asks for jobs when it connects; if it is connected, its application defers the update.",
    };
  return null;
}

/** Where nothing tells who is connected, silence says nothing: a device without a job has nothing to say. */
function silent({ connected, heardAt }: Judged, { silentMs }: Patience, now: number): Stuck | null {
  if (connected !== false || heardAt === 0 || now - heardAt < silentMs) return null;
  return {
    why: "silent",
    since: heardAt,
    text: "offline",
    todo: "Look at its power and its network; it may be out of use.",
  };
}
