import {
  definedMembers,
  invalidRequest,
  type OperationInput,
  optionalChoice,
  optionalObject,
  optionalText,
} from "../../context/fields.js";
import { MAX_SCHEDULE_AHEAD_MS, MAX_SCHEDULE_LENGTH_MS, MIN_SCHEDULE_AHEAD_MS } from "../limits.js";
import { closingTime, maintenanceWindowsIn } from "../maintenance.js";
import type { MaintenanceWindow, SchedulingConfig } from "../records.js";
import { scheduleTime } from "../schedule.js";

export type Schedule = {
  readonly schedulingConfig?: SchedulingConfig;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly windowOpen?: boolean;
};

/**
 * The member `schedulingConfig`; maintenance windows recur, so only CONTINUOUS jobs have them. [AWS IoT Jobs: Job
 * scheduling]
 *
 * @param usual the windows of a job that does not say any
 */
export function schedule(
  input: OperationInput,
  now: number,
  isContinuous: boolean,
  usual: readonly MaintenanceWindow[] | undefined,
): Schedule {
  const config = optionalObject(input, "schedulingConfig") ?? {};
  const maintenanceWindows = maintenanceWindowsIn(config) ?? usual;
  if (maintenanceWindows !== undefined && !isContinuous) {
    throw invalidRequest("maintenanceWindows need a job with targetSelection CONTINUOUS");
  }
  const startTime = optionalText(config, "startTime");
  const endTime = optionalText(config, "endTime");
  const endBehavior = optionalChoice(config, "endBehavior", ["STOP_ROLLOUT", "CANCEL", "FORCE_CANCEL"] as const);
  const startAt = startTime === undefined ? undefined : scheduleTime(startTime, "startTime");
  const endAt = endTime === undefined ? undefined : scheduleTime(endTime, "endTime");
  if (startAt !== undefined)
    checkAhead(startAt - now, MAX_SCHEDULE_AHEAD_MS, "startTime must be 30 minutes to one year");
  if (endAt !== undefined) {
    checkAhead(endAt - (startAt ?? now), MAX_SCHEDULE_LENGTH_MS, "endTime must be 30 minutes to two years");
    checkAhead(endAt - now, MAX_SCHEDULE_LENGTH_MS, "endTime must be 30 minutes to two years");
  }
  if (endAt === undefined && endBehavior !== undefined) throw invalidRequest("endBehavior needs endTime");
  const schedulingConfig = definedMembers({ startTime, endTime, endBehavior, maintenanceWindows });
  if (Object.keys(schedulingConfig).length === 0) return {};
  return definedMembers({
    schedulingConfig,
    startAt,
    endAt,
    windowOpen: maintenanceWindows === undefined ? undefined : closingTime(maintenanceWindows, now) !== undefined,
  });
}

function checkAhead(ms: number, most: number, what: string): void {
  if (ms < MIN_SCHEDULE_AHEAD_MS || ms > most) throw invalidRequest(`schedulingConfig.${what} ahead`);
}
