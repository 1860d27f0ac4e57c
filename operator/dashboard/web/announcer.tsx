import { useEffect, useRef, useState } from "preact/hooks";
import type { ShownFleet } from "../shown/index.js";
import { devicesText } from "./words.js";

/** Nobody wants to hear each device of a thousand. */
const PAUSE_MS = 10_000;

/** Says to those who do not see the page how the latest roll-out goes. */
export function Announcer({ fleet }: { readonly fleet: ShownFleet | undefined }) {
  const text = textOf(fleet);
  const latest = useRef(text);
  latest.current = text;
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), PAUSE_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

function textOf(fleet: ShownFleet | undefined): string {
  const [job] = fleet?.jobs ?? [];
  if (job === undefined) return "";
  const { SUCCEEDED = 0, FAILED = 0, REJECTED = 0, TIMED_OUT = 0 } = job.counts;
  return `${job.version || job.jobId}: ${devicesText(SUCCEEDED)} of ${job.total} have it, ${FAILED + REJECTED + TIMED_OUT} failed`;
}
