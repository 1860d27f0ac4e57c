import { Aws } from "../aws/index.js";
import { type Dashboard, type DashboardOptions, startDashboard } from "./server/dashboard.js";
import type { BoardFeed } from "./shown/index.js";

const MINUTE_MS = 60_000;
/** The least time between two looks at the devices of a real account: such a look may cost 480 requests. */
const FLEET_MS = MINUTE_MS;

/** What may be chosen of how a fleet is looked at; the rest is usual. */
export type LookWish = {
  /** Seconds between two looks at the jobs. Default 15, with a local AWS 1. */
  readonly every?: number | undefined;
  /** Minutes without progress after which a device is stuck. Default 15. */
  readonly stuck?: number | undefined;
  /** Hours offline after which it is stuck. Default 24. */
  readonly silent?: number | undefined;
};

export const USUAL = Object.freeze({ every: 15, localEvery: 1, stuck: 15, begin: 60, silent: 24 });

/** How often AWS is asked for what. */
export function looksOf(
  isLocal: boolean,
  { every = isLocal ? USUAL.localEvery : USUAL.every, stuck = USUAL.stuck, silent = USUAL.silent }: LookWish,
): Pick<DashboardOptions, "everyMs" | "fleetEveryMs" | "devicesAsked" | "patience"> {
  const everyMs = every * 1000;
  return {
    everyMs,
    fleetEveryMs: isLocal ? everyMs : Math.max(FLEET_MS, everyMs),
    devicesAsked: isLocal ? 100 : 20,
    patience: {
      progressMs: stuck * MINUTE_MS,
      beginMs: Math.max(stuck, USUAL.begin) * MINUTE_MS,
      silentMs: silent * 60 * MINUTE_MS,
    },
  };
}

/** The page of a local AWS, for whoever runs one. @throws FotaError "usage" */
export async function startLocalDashboard(options: {
  /** Folder of the local AWS. */
  readonly dir: string;
  readonly write: boolean;
  readonly boards?: BoardFeed | undefined;
}): Promise<Dashboard> {
  const { dir, write, boards } = options;
  // The SDK would say from when on it wants another Node; that is for those who install it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const aws = new Aws({ local: dir });
  const dashboard = await startDashboard({
    aws,
    write,
    boards,
    bucket: "firmware",
    role: "presign",
    ...looksOf(true, {}),
  });
  const close = async () => {
    await dashboard.close();
    aws.close();
  };
  return { ...dashboard, close };
}
