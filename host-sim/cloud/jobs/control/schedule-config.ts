import {
  definedMembers,
  invalidRequest,
  type OperationInput,
  optionalChoice,
  optionalObject,
  optionalText,
} from "../../context/fields.js";
import { MAX_SCHEDULE_AHEAD_MS, MIN_SCHEDULE_AHEAD_MS } from "../limits.js";
import type { SchedulingConfig } from "../records.js";
import { scheduleTime } from "../schedule.js";

export type Schedule = {
  readonly schedulingConfig?: SchedulingConfig;
  readonly startAt?: number;
  readonly endAt?: number;
};

/**
 * The member `schedulingConfig`. Maintenance windows are refused: they are not emulated. [AWS IoT Jobs: Job scheduling]
 */
export function schedule(input: OperationInput, now: number): Schedule {
  const config = optionalObject(input, "schedulingConfig");
  if (config === undefined) return {};
  if (Array.isArray(config.maintenanceWindows) && config.maintenanceWindows.length > 0) {
    throw invalidRequest("schedulingConfig.maintenanceWindows is not emulated by the local cloud");
  }
  const startTime = optionalText(config, "startTime");
  const endTime = optionalText(config, "endTime");
  const endBehavior = optionalChoice(config, "endBehavior", ["STOP_ROLLOUT", "CANCEL", "FORCE_CANCEL"] as const);
  const startAt = startTime === undefined ? undefined : scheduleTime(startTime, "startTime");
  const endAt = endTime === undefined ? undefined : scheduleTime(endTime, "endTime");
  if (startAt !== undefined) checkAhead(startAt - now, "startTime");
  if (endAt !== undefined) checkAhead(endAt - (startAt ?? now), "endTime");
  if (endAt === undefined && endBehavior !== undefined) throw invalidRequest("endBehavior needs endTime");
  return definedMembers({ schedulingConfig: definedMembers({ startTime, endTime, endBehavior }), startAt, endAt });
}

function checkAhead(ms: number, name: string): void {
  if (ms < MIN_SCHEDULE_AHEAD_MS || ms > MAX_SCHEDULE_AHEAD_MS) {
    throw invalidRequest(`schedulingConfig.${name} must be 30 minutes to one year ahead`);
  }
}
