import type { CreateJobCommandInput } from "@aws-sdk/client-iot";

/** How a job reaches its devices. */
export type JobSettings = {
  /** Devices a minute. Default: AWS's, 1000. */
  readonly perMinute?: number | undefined;
  /** Per cent of the executions that may fail before AWS stops the job. Default: it never does. */
  readonly stopAt?: number | undefined;
  /** Executions before that is looked at. Default: see {@link stopAfter}. */
  readonly stopAfter?: number | undefined;
  /** Minutes for a device from its beginning to its end. Default: none, a device may take for ever. */
  readonly timeoutMinutes?: number | undefined;
  /** Attempts more for a device that FAILED or TIMED_OUT. Default 0. */
  readonly retries?: number | undefined;
  readonly schedule?: Schedule | undefined;
};

/** When a job is handed out. */
export type Schedule =
  | { readonly start: string; readonly end?: string | undefined }
  | { readonly cron: string; readonly minutes: number };

/** What AWS IoT can hold apart: the least share of executions that ends a job. */
const USUAL_STOP_AFTER = 10;
/** Seconds a presigned URL lives: the longest that AWS IoT gives. */
const URL_EXPIRES_SEC = 3600;

/** Members of a CreateJob request. */
export type JobMembers = Pick<
  CreateJobCommandInput,
  | "abortConfig"
  | "jobExecutionsRetryConfig"
  | "jobExecutionsRolloutConfig"
  | "presignedUrlConfig"
  | "schedulingConfig"
  | "timeoutConfig"
>;

/** Executions that have to be there before the share of failures counts: ten, or all of them where there are fewer. */
export function stopAfter(settings: JobSettings, things: number): number {
  return Math.max(1, Math.min(settings.stopAfter ?? USUAL_STOP_AFTER, things));
}

/** @param things how many the job is for */
export function jobMembers(settings: JobSettings, roleArn: string, things: number): JobMembers {
  const { perMinute, stopAt, timeoutMinutes, retries, schedule } = settings;
  return {
    presignedUrlConfig: { roleArn, expiresInSec: URL_EXPIRES_SEC },
    ...(perMinute === undefined ? {} : { jobExecutionsRolloutConfig: { maximumPerMinute: perMinute } }),
    ...(stopAt === undefined
      ? {}
      : {
          abortConfig: {
            criteriaList: [
              {
                failureType: "ALL",
                action: "CANCEL",
                thresholdPercentage: stopAt,
                minNumberOfExecutedThings: stopAfter(settings, things),
              },
            ],
          },
        }),
    ...(timeoutMinutes === undefined ? {} : { timeoutConfig: { inProgressTimeoutInMinutes: timeoutMinutes } }),
    ...(retries === undefined || retries === 0
      ? {}
      : { jobExecutionsRetryConfig: { criteriaList: [{ failureType: "ALL", numberOfRetries: retries }] } }),
    ...(schedule === undefined ? {} : { schedulingConfig: schedulingConfig(schedule) }),
  };
}

function schedulingConfig(schedule: Schedule): NonNullable<JobMembers["schedulingConfig"]> {
  if ("cron" in schedule)
    return { maintenanceWindows: [{ startTime: schedule.cron, durationInMinutes: schedule.minutes }] };
  const { start, end } = schedule;
  return { startTime: start, ...(end === undefined ? {} : { endTime: end, endBehavior: "STOP_ROLLOUT" }) };
}

/** The settings of a job, in words. */
export function settingsInWords(settings: JobSettings, things: number): readonly string[] {
  const { perMinute, stopAt, timeoutMinutes, retries = 0, schedule } = settings;
  const lines = [perMinute === undefined ? "as fast as AWS hands out" : `${perMinute} devices a minute`];
  lines.push(
    stopAt === undefined
      ? "nothing stops it: no --stop-at"
      : `AWS stops it when ${stopAt} % of at least ${stopAfter(settings, things)} failed`,
  );
  if (timeoutMinutes !== undefined) lines.push(`a device has ${timeoutMinutes} minutes`);
  if (retries > 0) lines.push(`${retries} attempts more for a device that failed`);
  if (schedule !== undefined)
    lines.push(
      "cron" in schedule
        ? `handed out in windows: ${schedule.cron}, ${schedule.minutes} minutes each`
        : `handed out from ${schedule.start}${schedule.end === undefined ? "" : ` to ${schedule.end}`}, UTC`,
    );
  return lines;
}
