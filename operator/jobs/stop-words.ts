import type { StopView } from "./stop-job.js";

/** Things that are named one by one. */
const SHOWN = 10;

export type StopManner = {
  readonly force: boolean;
  readonly isPause: boolean;
  /** It is only looked at, and not done. */
  readonly dryRun: boolean;
  /** How the tool is called. */
  readonly tool: string;
};

/** What stopping a job comes to, in words. */
export function stopInWords(
  { job, queued, untold, loading, pastBootFlag }: StopView,
  { force, dryRun, isPause, tool }: StopManner,
): string[] {
  const { jobId } = job;
  return [
    `${jobId} ${dryRun ? "would be stopped" : "is stopped"}`,
    `  ${queued + untold} have not begun, and will not`,
    `  ${loading.length} are loading: ${force ? "they drop it, and stay on the old image" : "they end it"}${named(loading)}`,
    `  ${pastBootFlag.length} are past the boot flag: they test the new image and keep it if it is good${named(pastBootFlag)}`,
    ...(isPause
      ? [`AWS Jobs has no pause: the job stays CANCELED; ${tool} resume ${jobId} makes one for those that are left`]
      : []),
  ];
}

function named(things: readonly string[]): string {
  if (things.length === 0) return "";
  const more = things.length > SHOWN ? ` and ${things.length - SHOWN} more` : "";
  return ` (${things.slice(0, SHOWN).join(", ")}${more})`;
}
