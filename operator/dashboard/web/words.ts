/** Figures and times as people read them. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `3 min`, `2 h`, `5 d`. */
export function spanText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.round(ms / SECOND_MS))} s`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return `${Math.round(ms / DAY_MS)} d`;
}

export function agoText(at: number, now: number): string {
  return at === 0 ? "never" : `${spanText(now - at)} ago`;
}

export function clockText(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** With the day, unless it is today. */
export function timeText(at: number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clockText(at) : `${date.toLocaleDateString("en-CA")} ${clockText(at)}`;
}

export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${Math.round(bytes)} B`;
  if (bytes < 10_000_000) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** Thousands apart. */
export function countText(count: number): string {
  return count.toLocaleString("en");
}

/** `1 device`, `2 devices`. */
export function devicesText(count: number): string {
  return `${countText(count)} ${count === 1 ? "device" : "devices"}`;
}

/** AWS's words for the states of a job on a device, as the page says them. */
export const STATUS_TEXTS: Readonly<Record<string, string>> = {
  QUEUED: "queued",
  IN_PROGRESS: "at it",
  SUCCEEDED: "has it",
  FAILED: "failed",
  REJECTED: "refused",
  TIMED_OUT: "timed out",
  CANCELED: "canceled",
  REMOVED: "removed",
};

/** `3 have it`, `1 has it`. */
export function countedStatus(status: string, count: number): string {
  return `${countText(count)} ${status === "SUCCEEDED" && count !== 1 ? "have it" : statusText(status)}`;
}

export function statusText(status: string): string {
  return STATUS_TEXTS[status] ?? status.toLowerCase();
}

/** What another attempt comes to. */
export const RETRY_TEXTS: Readonly<Record<string, string>> = {
  yes: "a retry may help",
  later: "it tries again by itself",
  mended: "a retry helps when that is mended",
  no: "a retry does not help",
};
