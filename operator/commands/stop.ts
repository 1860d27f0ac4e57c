import { REASON, stopInWords, stopJob, viewStop } from "../jobs/index.js";
import { AWS_OPTIONS, type Call, type FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";

export const CANCEL: FotaCommand = {
  name: "cancel",
  does: "Stops a job for good, and says how many devices it comes too late for.",
  takes: "<job>",
  options: [
    { flags: "--force", does: "also devices that are at it: they drop the download" },
    { flags: "--comment <TEXT>", does: "why, for whoever looks at the job later" },
    { flags: "--dry-run", does: "say what it would do, and do nothing" },
    ...AWS_OPTIONS,
  ],
  example: "fota-1-0-2-0123456789ab --comment 'wrong image'",
  exits: { [EXIT.done]: "the job is stopped" },
  asks: true,
  run: (call) => stop(call, REASON.canceled, call.options.flag("force")),
};

export const PAUSE: FotaCommand = {
  name: "pause",
  does: "Stops a job so that resume can go on with it: who has begun ends it, who has not waits.",
  takes: "<job>",
  options: [
    { flags: "--comment <TEXT>", does: "why, for whoever looks at the job later" },
    { flags: "--dry-run", does: "say what it would do, and do nothing" },
    ...AWS_OPTIONS,
  ],
  example: "fota-1-0-2-0123456789ab",
  exits: { [EXIT.done]: "the job is stopped; resume makes one for the devices that are left" },
  asks: true,
  run: (call) => stop(call, REASON.paused, false),
};

async function stop(call: Call, reason: string, force: boolean): Promise<number> {
  const view = await viewStop(call.aws, call.only);
  const dryRun = call.options.flag("dryRun");
  const comment = call.options.text("comment") ?? "by fota";
  if (!dryRun) await stopJob(call.aws, view, { reason, comment, force });
  const { job, queued, untold, loading, pastBootFlag } = view;
  const value = { jobId: job.jobId, stopped: !dryRun, force, queued, untold, loading, pastBootFlag };
  const isPause = reason === REASON.paused;
  call.result(value, [
    ...stopInWords(view, { force, dryRun, isPause, tool: call.tool }),
    ...(!force && loading.length > 0 && !isPause ? ["--force stops those that are loading"] : []),
  ]);
  return EXIT.done;
}
