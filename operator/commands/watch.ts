import { usage } from "../failure/index.js";
import { type CodeLine, type DeviceLine, type JobLook, JobWatch } from "../jobs/index.js";
import { bar, table } from "../terminal/index.js";
import { AWS_OPTIONS, type Call, type FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";
import { pause } from "./pause-between.js";

/** Seconds between two looks. */
const USUAL_EVERY = 5;
const LOCAL_EVERY = 1;

export const WATCH: FotaCommand = {
  name: "watch",
  does: "Follows a job: how many devices have it, what each that is stuck said, and what to do; ends when the job does.",
  takes: "<job>",
  options: [
    { flags: "--until <P%>", does: "end when so many of its devices have it (default all)" },
    { flags: "--every <SEC>", does: `seconds between two looks (default ${USUAL_EVERY}; ${LOCAL_EVERY} with --local)` },
    { flags: "--once", does: "one look, and the end" },
    ...AWS_OPTIONS,
  ],
  example: "fota-1-0-2-0123456789ab --until 95%",
  exits: {
    [EXIT.done]: "every device has it, or as many as --until says",
    [EXIT.updateFailed]: "devices failed, or the job was stopped",
    [EXIT.notYet]: "the canaries have it, and the rest waits for its release; with --once: it goes on",
  },
  asks: true,
  follows: true,
  async run(call) {
    const until = call.options.number("until", { min: 1, max: 100, unit: "%", whole: false });
    const every = call.options.number("every", { min: 1, max: 3600 }) ?? (call.aws.local ? LOCAL_EVERY : USUAL_EVERY);
    if (call.only === "") throw usage("a job's id is missing");
    const once = call.options.flag("once");
    return await follow(call, call.only, { until, everyMs: every * 1000, once });
  },
};

type Following = { readonly until: number | undefined; readonly everyMs: number; readonly once: boolean };

/** @returns the exit code */
async function follow(call: Call, jobId: string, { until, everyMs, once }: Following): Promise<number> {
  const watch = new JobWatch(call.aws, jobId);
  let before = "";
  for (;;) {
    const look = await watch.look();
    const line = summary(look);
    for (const device of look.newBad) tellDevice(call, device);
    if (call.screen.isTerminal && !call.isJson) call.screen.live(liveLines(look));
    else if (line !== before) tell(call, "progress", look, line);
    before = line;
    const code = exitCode(look, until);
    if (code !== undefined || once) {
      call.screen.settle();
      tellEnd(call, look);
      return code ?? EXIT.notYet;
    }
    await pause(everyMs, call.signal);
  }
}

/** `undefined` while it goes on. */
function exitCode(look: JobLook, until: number | undefined): number | undefined {
  const { outcome, percent, total, bad } = look;
  if (until !== undefined) {
    if (percent >= until && !look.waiting) return EXIT.done;
    // What failed cannot be made good by waiting.
    if (total > 0 && ((total - bad) / total) * 100 < until) return EXIT.updateFailed;
  }
  if (outcome === "running") return undefined;
  if (outcome === "canary-done") return EXIT.notYet;
  return outcome === "done" ? EXIT.done : EXIT.updateFailed;
}

function summary({ job, total, well, bad, already, percent }: JobLook): string {
  const { counts } = job;
  return [
    `${job.status} ${Math.floor(percent)} %: ${well} of ${total} have it`,
    ...(already > 0 ? [`${already} had it before`] : []),
    `${bad} failed`,
    `${counts.IN_PROGRESS} at it`,
    `${counts.QUEUED} queued`,
    ...(counts.CANCELED > 0 ? [`${counts.CANCELED} canceled`] : []),
    ...(counts.REMOVED > 0 ? [`${counts.REMOVED} removed`] : []),
  ].join(", ");
}

function liveLines(look: JobLook): string[] {
  const running = look.running.map(({ thing, state, progress, from, to }) => [
    thing,
    state,
    progress,
    `${from} > ${to}`,
  ]);
  return [
    bar(look.well, look.total, summary(look)),
    ...(running.length === 0 ? [] : table(["THING", "STATE", "", ""], running)),
    ...codeLines(look.codes),
  ];
}

function codeLines(codes: readonly CodeLine[]): string[] {
  return codes.map(
    ({ code, devices, advice }) => `${devices} ${code}: ${advice?.todo ?? "no row in docs/operations.md"}`,
  );
}

function tell(call: Call, event: string, look: JobLook, line: string): void {
  const { job, total, well, bad, already, percent, outcome } = look;
  const { jobId, status, counts, reason } = job;
  if (call.isJson) {
    const codes = look.codes.map(({ code, devices, advice }) => ({
      code,
      devices,
      todo: advice?.todo,
      retry: advice?.retry,
    }));
    const value = { event, jobId, status, outcome, total, well, bad, already, percent, counts, codes, reason };
    call.screen.out(JSON.stringify(value));
  } else call.screen.out(line);
}

function tellDevice(call: Call, device: DeviceLine): void {
  if (call.isJson) call.screen.out(JSON.stringify({ event: "device", ...device }));
  else if (!call.screen.isTerminal) {
    call.screen.out(`  ${device.thing} ${device.status} ${[device.code, device.detail].filter(Boolean).join(": ")}`);
  }
}

function tellEnd(call: Call, look: JobLook): void {
  const { job, outcome } = look;
  const { jobId, reason } = job;
  if (call.isJson) tell(call, "end", look, "");
  const next = {
    running: [],
    done: [`${jobId}: every device has it`],
    "done-with-failures": [`${jobId}: over; ${call.tool} retry ${jobId} tries those again that a retry may help`],
    stopped: [`${jobId}: stopped${reason === "" ? "" : ` (${reason})`}`],
    "canary-done": [`${jobId}: the canaries are through; ${call.tool} release ${jobId} lets the rest have it`],
  }[outcome];
  if (!call.isJson) for (const line of [...codeLines(look.codes), ...next]) call.screen.out(line);
}
