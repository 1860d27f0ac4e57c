import { planRollback } from "../publish/index.js";
import { AWS_OPTIONS, BUCKET_OPTION, type FotaCommand, JOB_OPTION, jobName, ROLE_OPTION } from "./command.js";
import { EXIT } from "./exits.js";
import { SETTINGS_OPTIONS, settingsOf } from "./settings-options.js";

export const ROLLBACK: FotaCommand = {
  name: "rollback",
  does: "Takes devices back to an image that was published before: those a job has reached, or those of a group.",
  takes: "<job|group>",
  options: [
    { flags: "--to <VERSION>", does: "the version to go back to" },
    { flags: "--project <NAME>", does: "of which project, where the bucket has several" },
    ...SETTINGS_OPTIONS,
    JOB_OPTION,
    { flags: "--dry-run", does: "say what would be done, and do nothing" },
    BUCKET_OPTION,
    ROLE_OPTION,
    ...AWS_OPTIONS,
  ],
  example: "fota-1-0-2-0123456789ab --to 1.0.1",
  exits: { [EXIT.done]: "the job is there" },
  asks: true,
  async run(call) {
    const { options } = call;
    const plan = await planRollback(call.aws, {
      what: call.only,
      version: options.required("to"),
      project: options.text("project"),
      bucket: call.bucket,
      role: call.role,
      settings: settingsOf(options),
      jobId: jobName(options),
    });
    for (const line of plan.lines) call.say(line);
    const { jobId, things } = plan;
    if (options.flag("dryRun")) {
      call.result({ jobId, dryRun: true, things }, []);
      return EXIT.done;
    }
    const { job, made } = await plan.perform((text) => call.say(text));
    call.result({ jobId, made, status: job.status, things }, [
      made ? jobId : `${jobId} was there already (${job.status})`,
      `${call.tool} watch ${jobId}`,
    ]);
    return EXIT.done;
  },
};
