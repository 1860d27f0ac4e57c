import { setMaxListeners } from "node:events";
import { setTimeout as after } from "node:timers/promises";
import { startDashboard } from "../dashboard/index.js";
import { AWS_OPTIONS, BUCKET_OPTION, type FotaCommand, ROLE_OPTION } from "./command.js";
import { EXIT } from "./exits.js";

/** Seconds between two looks at the jobs, and at what runs on the devices. */
const USUAL_EVERY = 15;
const USUAL_FLEET_EVERY = 60;
const LOCAL_EVERY = 1;
/** Devices that are asked for one by one in a look at the fleet: at most eight requests each. */
const USUAL_ASKED = 20;
const LOCAL_ASKED = 100;
const USUAL_STUCK_MINUTES = 15;
const USUAL_BEGIN_MINUTES = 60;
const USUAL_SILENT_HOURS = 24;
const MINUTE_MS = 60_000;
/** Longest time that a timer takes. */
const FOR_EVER_MS = 2 ** 31 - 1;

export const DASHBOARD: FotaCommand = {
  name: "dashboard",
  does: "Serves a page on this computer that shows a fleet: versions, roll-outs, failures, devices that are stuck.",
  options: [
    { flags: "--write", does: "offer pause, resume, cancel, retry, release and roll back (default: look only)" },
    { flags: "--port <N>", does: "port on 127.0.0.1 (default a free one)" },
    { flags: "--group <NAME>", does: "the things of a group (default all)" },
    {
      flags: "--every <SEC>",
      does: `seconds between two looks at the jobs (default ${USUAL_EVERY}; ${LOCAL_EVERY} with --local)`,
    },
    { flags: "--stuck <MIN>", does: `minutes without progress (default ${USUAL_STUCK_MINUTES})` },
    { flags: "--silent <HOURS>", does: `hours without a word (default ${USUAL_SILENT_HOURS})` },
    BUCKET_OPTION,
    ROLE_OPTION,
    ...AWS_OPTIONS,
  ],
  example: "--group fleet",
  exits: { [EXIT.done]: "ended by Ctrl-C" },
  asks: true,
  async run(call) {
    const { options, aws } = call;
    // Each request to AWS listens for Ctrl-C, and a look has many at a time.
    setMaxListeners(0, call.signal);
    const isLocal = aws.local !== undefined;
    const every = options.number("every", { min: 1, max: 3600 }) ?? (isLocal ? LOCAL_EVERY : USUAL_EVERY);
    const stuck = options.number("stuck", { min: 1, max: 10_080 }) ?? USUAL_STUCK_MINUTES;
    const silent = options.number("silent", { min: 1, max: 8760 }) ?? USUAL_SILENT_HOURS;
    const dashboard = await startDashboard({
      aws,
      port: options.number("port", { min: 1, max: 65_535 }),
      write: options.flag("write"),
      group: options.text("group"),
      bucket: options.text("bucket") ?? (process.env.FOTA_BUCKET || (isLocal ? "firmware" : undefined)),
      role: options.text("role") ?? (process.env.FOTA_ROLE || (isLocal ? "presign" : undefined)),
      everyMs: every * 1000,
      fleetEveryMs: isLocal ? every * 1000 : Math.max(USUAL_FLEET_EVERY, every) * 1000,
      devicesAsked: isLocal ? LOCAL_ASKED : USUAL_ASKED,
      patience: {
        progressMs: stuck * MINUTE_MS,
        beginMs: Math.max(stuck, USUAL_BEGIN_MINUTES) * MINUTE_MS,
        silentMs: silent * 60 * MINUTE_MS,
      },
    });
    call.result({ url: dashboard.url, write: options.flag("write") }, [dashboard.url]);
    call.say(`${options.flag("write") ? "with actions" : "looks only; --write offers actions"}; Ctrl-C ends it`);
    await after(FOR_EVER_MS, undefined, { signal: call.signal }).catch(() => {});
    await dashboard.close();
    return EXIT.done;
  },
};
