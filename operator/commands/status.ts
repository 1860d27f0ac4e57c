import { type FleetStatus, fleetStatus } from "../fleet/index.js";
import { spanText, table } from "../terminal/index.js";
import { AWS_OPTIONS, type FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";

const USUAL_SILENT_HOURS = 24;
const USUAL_JOBS = 5;
const MAX_SILENT_SHOWN = 20;

export const STATUS: FotaCommand = {
  name: "status",
  does: "Says what a fleet is like: versions by count, the latest jobs, failures by code, devices that are silent.",
  options: [
    { flags: "--group <NAME>", does: "the things of a group (default all)" },
    { flags: "--jobs <N>", does: `how many of the latest jobs (default ${USUAL_JOBS})` },
    { flags: "--silent <HOURS>", does: `hours without a word (default ${USUAL_SILENT_HOURS})` },
    ...AWS_OPTIONS,
  ],
  example: "--group fleet",
  exits: { [EXIT.done]: "it is printed" },
  asks: true,
  async run(call) {
    const { options } = call;
    const hours = options.number("silent", { min: 1, max: 8760 }) ?? USUAL_SILENT_HOURS;
    const now = new Date();
    const status = await fleetStatus(call.aws, {
      group: options.text("group"),
      jobs: options.number("jobs", { min: 0, max: 50 }) ?? USUAL_JOBS,
      silentMinutes: hours * 60,
      now,
    });
    call.result(status, linesOf(status, hours, now));
    return EXIT.done;
  },
};

function linesOf(
  { devices, source, versions, jobs, failures, unasked, silent }: FleetStatus,
  hours: number,
  now: Date,
) {
  const jobRows = jobs.map(({ jobId, status, version, counts }) => [
    jobId,
    status,
    version,
    counts.SUCCEEDED,
    counts.FAILED + counts.REJECTED + counts.TIMED_OUT,
    counts.IN_PROGRESS,
    counts.QUEUED,
  ]);
  const silentRows = silent
    .slice(0, MAX_SILENT_SHOWN)
    .map(({ thing, version, since }) => [
      thing,
      version || "unknown",
      since === undefined ? "never heard" : `${spanText(now.getTime() - since.getTime())} ago`,
    ]);
  return [
    `${devices} devices, ${source === "index" ? "by fleet indexing" : "asked one by one: fleet indexing is off"}`,
    "",
    ...table(
      ["VERSION", "PROJECT", "DEVICES"],
      versions.map(({ version, project, devices: count }) => [version || "unknown", project, count]),
    ),
    ...(jobRows.length === 0
      ? []
      : ["", ...table(["JOB", "STATUS", "VERSION", "HAVE IT", "FAILED", "AT IT", "QUEUED"], jobRows)]),
    ...(failures.length === 0
      ? []
      : [
          "",
          ...table(
            ["FAILURE", "DEVICES", "WHAT TO DO"],
            failures.map(({ code, devices: count, advice }) => [code, count, advice?.todo ?? ""]),
          ),
        ]),
    ...(unasked > 0 ? [`and ${unasked} more that were not asked for`] : []),
    ...(silent.length === 0
      ? []
      : [
          "",
          `${silent.length} devices without a word for ${hours} hours`,
          ...table(["THING", "VERSION", "LAST"], silentRows),
        ]),
  ];
}
