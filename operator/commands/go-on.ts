import { makeSuccessor, planResume, planRetry, type Successor, successorInWords } from "../jobs/index.js";
import { AWS_OPTIONS, type Call, type FotaCommand, JOB_OPTION, jobName } from "./command.js";
import { EXIT } from "./exits.js";

const DRY_RUN = { flags: "--dry-run", does: "say what would be done, and do nothing" };

export const RESUME: FotaCommand = {
  name: "resume",
  does: "Goes on with a job that was paused or stopped: a new job for the devices that have not begun.",
  takes: "<job>",
  options: [JOB_OPTION, DRY_RUN, ...AWS_OPTIONS],
  example: "fota-1-0-2-0123456789ab",
  exits: { [EXIT.done]: "the job is there" },
  asks: true,
  run: async (call) => await goOn(call, await planResume(call.aws, call.only, jobName(call.options))),
};

export const RETRY: FotaCommand = {
  name: "retry",
  does: "Tries a job again on the devices where it failed, and leaves out those that another attempt cannot help.",
  takes: "<job>",
  options: [
    { flags: "--force", does: "these too: devices then install what they refuse since it failed" },
    JOB_OPTION,
    DRY_RUN,
    ...AWS_OPTIONS,
  ],
  example: "fota-1-0-2-0123456789ab",
  exits: { [EXIT.done]: "the job is there" },
  asks: true,
  run: async (call) =>
    await goOn(
      call,
      await planRetry(call.aws, call.only, { force: call.options.flag("force"), name: jobName(call.options) }),
    ),
};

async function goOn(call: Call, plan: Successor): Promise<number> {
  const { jobId, things, leftOut } = plan;
  for (const line of successorInWords(plan)) call.say(line);
  if (call.options.flag("dryRun")) {
    call.result({ jobId, dryRun: true, things, leftOut }, []);
    return EXIT.done;
  }
  const { job, made } = await makeSuccessor(call.aws, plan, (text) => call.say(text));
  call.result({ jobId, made, status: job.status, things, leftOut }, [
    made ? jobId : `${jobId} was there already (${job.status})`,
    `${call.tool} watch ${jobId}`,
  ]);
  return EXIT.done;
}
