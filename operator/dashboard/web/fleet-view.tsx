import { useState } from "preact/hooks";
import { type DeviceFilter, DeviceList, NO_FILTER } from "./device-list.js";
import { Failures } from "./failures.js";
import { JobCard } from "./job-card.js";
import type { State } from "./store.js";
import { StuckList } from "./stuck-list.js";
import { VersionsChart } from "./versions-chart.js";
import type { Wanted } from "./wanted.js";
import { countText, devicesText } from "./words.js";

/** Jobs that are shown at once; the others on demand. */
const SHOWN_JOBS = 3;

export function FleetView({ state, want }: { readonly state: State; want(wanted: Wanted): void }) {
  const { fleet, devices, hello } = state;
  const [filter, setFilter] = useState<DeviceFilter>(NO_FILTER);
  const [allJobs, setAllJobs] = useState(false);
  if (fleet === undefined) return <p class="boot">{state.link.state === "denied" ? "" : "Looks at the fleet ..."}</p>;
  const stuck = devices.filter(({ stuck: reason }) => reason !== null);
  const show = (part: Partial<DeviceFilter>) => {
    setFilter({ ...NO_FILTER, ...part });
    document.getElementById("devices")?.scrollIntoView();
  };
  const jobs = allJobs ? fleet.jobs : fleet.jobs.slice(0, SHOWN_JOBS);
  return (
    <>
      <h1>
        {devicesText(fleet.devices)}
        {stuck.length > 0 && <span class="count-bad">, {countText(stuck.length)} stuck</span>}
      </h1>
      <p class="note">
        {fleet.source === "index" ? "By fleet indexing" : "Asked one by one: fleet indexing is off"}
        {fleet.unread > 0 && `; ${countText(fleet.unread)} not asked yet`}. {countText(fleet.callsLastMinute)} requests
        to AWS in the last minute, {countText(fleet.calls)} in all.
      </p>
      <div class="columns">
        <VersionsChart fleet={fleet} show={(version) => show({ version })} />
        <section aria-labelledby="jobs-title">
          <h2 id="jobs-title">Roll-outs</h2>
          {fleet.jobs.length === 0 && <p class="note">There is no job.</p>}
          {jobs.map((job) => (
            <JobCard key={job.jobId} job={job} write={hello?.write === true} want={want} />
          ))}
          {fleet.jobs.length > SHOWN_JOBS && (
            <button type="button" class="quiet more" onClick={() => setAllJobs(!allJobs)}>
              {allJobs ? "Fewer" : `${fleet.jobs.length - SHOWN_JOBS} earlier ones`}
            </button>
          )}
        </section>
        <Failures failures={fleet.failures} show={(code) => show({ search: code, kind: "stuck" })} />
        <StuckList stuck={stuck} now={fleet.at} showAll={() => show({ kind: "stuck" })} />
      </div>
      <DeviceList devices={devices} filter={filter} setFilter={setFilter} now={fleet.at} />
    </>
  );
}
