import type { ActionKind, ShownJob } from "../shown/index.js";
import type { Wanted } from "./wanted.js";
import { countedStatus, countText, spanText, timeText } from "./words.js";

const PARTS = ["SUCCEEDED", "IN_PROGRESS", "QUEUED", "FAILED", "REJECTED", "TIMED_OUT", "CANCELED", "REMOVED"] as const;
const MINUTE_MS = 60_000;

/** What an operator may want with a job as it is. */
export function actionsOf({ status, counts, waiting }: ShownJob): readonly ActionKind[] {
  const isOpen = status === "IN_PROGRESS" || status === "SCHEDULED";
  const { FAILED = 0, REJECTED = 0, TIMED_OUT = 0, SUCCEEDED = 0 } = counts;
  return [
    ...(isOpen && waiting ? (["release"] as const) : []),
    ...(isOpen ? (["pause", "cancel"] as const) : []),
    ...(status === "CANCELED" && !waiting ? (["resume"] as const) : []),
    ...(FAILED + REJECTED + TIMED_OUT > 0 ? (["retry"] as const) : []),
    ...(SUCCEEDED > 0 ? (["rollback"] as const) : []),
  ];
}

export const ACTION_TEXTS: Readonly<Record<ActionKind, string>> = {
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Retry",
  release: "Release",
  rollback: "Roll back",
};

function rateText({ perMinute, minutesLeft }: ShownJob): string {
  if (perMinute === 0) return "none ended in the last minutes";
  const rate = `${perMinute < 10 ? perMinute.toFixed(1) : countText(Math.round(perMinute))} a minute`;
  return minutesLeft === null ? rate : `${rate}, about ${spanText(minutesLeft * MINUTE_MS)} left`;
}

export function JobCard({ job, write, want }: { job: ShownJob; write: boolean; want(wanted: Wanted): void }) {
  const { jobId, status, version, total, counts, reason, createdAt, completedAt, waiting } = job;
  const parts = PARTS.map((name) => ({ name, count: counts[name] ?? 0 })).filter(({ count }) => count > 0);
  const untold = Math.max(0, total - parts.reduce((sum, { count }) => sum + count, 0));
  const percent = total === 0 ? 0 : Math.floor(((counts.SUCCEEDED ?? 0) / total) * 100);
  const words = [
    ...parts.map(({ name, count }) => countedStatus(name, count)),
    ...(untold > 0 ? [`${countText(untold)} not told yet`] : []),
  ];
  return (
    <article class="card" aria-label={`Job ${jobId}`}>
      <h3>
        {version !== "" && <b>{version}</b>} <span class="id">{jobId}</span>{" "}
        <span class={`badge ${status}`}>{status}</span>
      </h3>
      <div class="bar" role="img" aria-label={`${percent} % have it`}>
        {parts.map(({ name, count }) => (
          <span key={name} class={`part ${name}`} style={{ flexGrow: String(count) }} />
        ))}
        {untold > 0 && <span class="part untold" style={{ flexGrow: String(untold) }} />}
      </div>
      <p class="counts">
        <b>{percent} %</b> {words.join(", ")}
      </p>
      <p class="note">
        Since {timeText(createdAt)}
        {completedAt > 0 && `, ended ${timeText(completedAt)}`}. {status === "IN_PROGRESS" && `${rateText(job)}. `}
        {waiting && "The rest waits for its release. "}
        {reason !== "" && `Stopped: ${reason}.`}
      </p>
      {write && (
        <p class="actions">
          {actionsOf(job).map((kind) => (
            <button
              key={kind}
              type="button"
              onClick={() => want({ kind, jobId })}
              aria-label={`${ACTION_TEXTS[kind]} ${jobId}`}
            >
              {ACTION_TEXTS[kind]}
            </button>
          ))}
        </p>
      )}
    </article>
  );
}
