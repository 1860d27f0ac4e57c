import {
  invalidRequest,
  isObject,
  type OperationInput,
  optionalList,
  requiredNumber,
  requiredText,
} from "../context/fields.js";
import { parseCron } from "./cron.js";
import type { MaintenanceWindow } from "./records.js";

/** Less than a day: else a window would begin before the one before has ended. */
const MAX_WINDOW_MINUTES = 1430;
/** Windows to come that DescribeJob shows. */
const SHOWN_WINDOWS = 7;
const MAX_WINDOWS = 10;

/** The member `maintenanceWindows`. @throws AwsError `InvalidRequest` */
export function maintenanceWindowsIn(input: OperationInput): readonly MaintenanceWindow[] | undefined {
  const given = optionalList(input, "maintenanceWindows");
  if (given === undefined || given.length === 0) return undefined;
  if (given.length > MAX_WINDOWS) throw invalidRequest(`there are more than ${MAX_WINDOWS} maintenance windows`);
  return given.map((window) => {
    if (!isObject(window)) throw invalidRequest("maintenanceWindows must hold objects");
    const startTime = requiredText(window, "startTime", { maxLength: 256 });
    parseCron(startTime);
    const rule = { min: 1, max: MAX_WINDOW_MINUTES };
    return { startTime, durationInMinutes: requiredNumber(window, "durationInMinutes", rule) };
  });
}

/** When the window that is open now closes, undefined while none is. */
export function closingTime(windows: readonly MaintenanceWindow[], now: number): number | undefined {
  const closings = windows.flatMap(({ startTime, durationInMinutes }) => {
    const duration = durationInMinutes * 60_000;
    const begins = [...takeWhile(parseCron(startTime).following(now - duration), (at) => at <= now)];
    return begins.map((at) => at + duration);
  });
  return closings.length === 0 ? undefined : Math.max(...closings);
}

/** When a window opens next, undefined when none ever does. */
export function openingTime(windows: readonly MaintenanceWindow[], now: number): number | undefined {
  return upcoming(windows, now, 1)[0];
}

/** When the next windows open, as DescribeJob tells it. */
export function scheduledRollouts(windows: readonly MaintenanceWindow[], now: number) {
  return upcoming(windows, now, SHOWN_WINDOWS).map((at) => ({
    startTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
  }));
}

function upcoming(windows: readonly MaintenanceWindow[], now: number, count: number): readonly number[] {
  const all = windows.flatMap(({ startTime }) => [...takeFirst(parseCron(startTime).following(now), count)]);
  return [...new Set(all)].sort((one, other) => one - other).slice(0, count);
}

function* takeWhile<T>(items: Iterable<T>, fits: (item: T) => boolean): Iterable<T> {
  for (const item of items) {
    if (!fits(item)) return;
    yield item;
  }
}

function* takeFirst<T>(items: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const item of items) {
    if (left <= 0) return;
    left -= 1;
    yield item;
  }
}
