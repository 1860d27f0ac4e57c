import { setMaxListeners } from "node:events";
import { setTimeout as after } from "node:timers/promises";
import { looksOf, startDashboard, USUAL } from "../dashboard/index.js";
import { AWS_OPTIONS, BUCKET_OPTION, type FotaCommand, ROLE_OPTION } from "./command.js";
import { EXIT } from "./exits.js";

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
      does: `seconds between two looks at the jobs (default ${USUAL.every}; ${USUAL.localEvery} with --local)`,
    },
    { flags: "--stuck <MIN>", does: `minutes without progress (default ${USUAL.stuck})` },
    { flags: "--silent <HOURS>", does: `hours offline (default ${USUAL.silent})` },
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
    const dashboard = await startDashboard({
      aws,
      port: options.number("port", { min: 1, max: 65_535 }),
      write: options.flag("write"),
      group: options.text("group"),
      bucket: options.text("bucket") ?? (process.env.FOTA_BUCKET || (isLocal ? "firmware" : undefined)),
      role: options.text("role") ?? (process.env.FOTA_ROLE || (isLocal ? "presign" : undefined)),
      ...looksOf(isLocal, {
        every: options.number("every", { min: 1, max: 3600 }),
        stuck: options.number("stuck", { min: 1, max: 10_080 }),
        silent: options.number("silent", { min: 1, max: 8760 }),
      }),
    });
    call.result({ url: dashboard.url, write: options.flag("write") }, [dashboard.url]);
    call.say(`${options.flag("write") ? "with actions" : "looks only; --write offers actions"}; Ctrl-C ends it`);
    await after(FOR_EVER_MS, undefined, { signal: call.signal }).catch(() => {});
    await dashboard.close();
    return EXIT.done;
  },
};
