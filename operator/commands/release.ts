import { FotaError } from "../failure/index.js";
import { readiness, release } from "../publish/index.js";
import { AWS_OPTIONS, type FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";
import { pause } from "./pause-between.js";

const USUAL_EVERY = 30;

export const RELEASE: FotaCommand = {
  name: "release",
  does: "Lets the rest of a roll-out have it, when its canaries have been well and connected for long enough.",
  takes: "<job>",
  options: [
    { flags: "--wait", does: "stay until it may be released, or must not" },
    { flags: "--every <SEC>", does: `seconds between two looks while it waits (default ${USUAL_EVERY})` },
    { flags: "--without-connectivity", does: "do not ask whether they are connected: no fleet indexing" },
    { flags: "--dry-run", does: "say whether it may be released, and do nothing" },
    ...AWS_OPTIONS,
  ],
  example: "fota-1-0-2-0123456789ab --wait",
  exits: {
    [EXIT.done]: "it is released",
    [EXIT.updateFailed]: "too many canaries failed, or the job was stopped: it is not released",
    [EXIT.notYet]: "not yet, and a line says why",
  },
  asks: true,
  follows: true,
  async run(call) {
    const { options, only: jobId } = call;
    const everyMs = (options.number("every", { min: 1, max: 3600 }) ?? USUAL_EVERY) * 1000;
    const withoutConnectivity = options.flag("withoutConnectivity");
    let before = "";
    for (;;) {
      const found = await readiness(call.aws, { jobId, withoutConnectivity, now: new Date() });
      if (found.ready) {
        if (options.flag("dryRun")) call.result({ jobId, ready: true }, [`${jobId} may be released`]);
        else {
          const released = await release(call.aws, found);
          call.result({ jobId, released }, [`${jobId} is released for ${released.join(", ")}`]);
        }
        return EXIT.done;
      }
      if (!options.flag("wait")) throw new FotaError("not-yet", `${jobId} is not released: ${found.why}`);
      if (found.why !== before) call.say(found.why);
      before = found.why;
      await pause(everyMs, call.signal);
    }
  },
};
