import { adviceFor } from "../advice/index.js";
import { Things } from "../aws/index.js";
import { usage } from "../failure/index.js";
import { deviceFacts } from "../fleet/index.js";
import { type Execution, executionsOfThing, inParallel, readExecution } from "../jobs/index.js";
import { spanText } from "../terminal/index.js";
import { AWS_OPTIONS, type FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";

const USUAL_JOBS = 10;
/** Members of `statusDetails` that tell what an attempt cost. */
const BILL = ["bytes", "requests", "erases", "stores", "cost"];

export const DEVICE: FotaCommand = {
  name: "device",
  does: "Says what is known of one device: what runs, its jobs with their cost, resets, and the journal of failures.",
  takes: "<thing>",
  options: [{ flags: "--jobs <N>", does: `how many of its latest jobs (default ${USUAL_JOBS})` }, ...AWS_OPTIONS],
  example: "board-7",
  exits: { [EXIT.done]: "it is printed" },
  asks: true,
  async run(call) {
    const thing = call.only;
    if ((await new Things(call.aws).thing(thing)) === undefined) throw usage(`there is no thing ${thing}`);
    const most = call.options.number("jobs", { min: 1, max: 250 }) ?? USUAL_JOBS;
    const facts = await deviceFacts(call.aws, thing);
    const lines = await executionsOfThing(call.aws, thing, most);
    const read = await inParallel(lines, (line) => readExecution(call.aws, line));
    const history = read.filter((execution) => execution !== undefined);
    const now = Date.now();
    const { version, slot, project, source, connected, connectedAt, heardAt } = facts;
    const told = { index: "fleet indexing", shadow: "its shadow", jobs: "its last job", none: "nobody" }[source];
    call.result({ ...facts, history }, [
      `runs      ${version || "unknown"}${project === "" ? "" : ` of ${project}`}${slot === "" ? "" : ` in ${slot}`}, says ${told}`,
      ...(facts.outcome === ""
        ? []
        : [`last      ${[facts.job, facts.outcome, facts.code].filter((word) => word !== "").join(" ")}`]),
      ...(facts.boots === ""
        ? []
        : [`starts    ${facts.boots}${facts.reset === "" ? "" : `, the last by ${facts.reset}`}`]),
      ...(facts.memory === "" ? [] : [`memory    ${facts.memory} bytes free at the least`]),
      ...(facts.quarantine === "" ? [] : [`refuses   ${facts.quarantine}`]),
      ...(connected === undefined
        ? [`heard     ${heardAt === undefined ? "never" : `${spanText(now - heardAt.getTime())} ago`}`]
        : [
            `${connected ? "connected" : "offline  "} ${connectedAt === undefined ? "" : `for ${spanText(now - connectedAt.getTime())}`}`,
          ]),
      ...history.flatMap(jobLines),
    ]);
    return EXIT.done;
  },
};

function jobLines({ jobId, status, details, queuedAt, startedAt, lastUpdatedAt }: Execution): string[] {
  const {
    state = "",
    progress = "",
    from = "",
    to = "",
    code = "",
    detail = "",
    reset = "",
    selfTest = "",
    log = "",
  } = details;
  const took =
    startedAt === undefined || lastUpdatedAt === undefined
      ? ""
      : `, ${spanText(lastUpdatedAt.getTime() - startedAt.getTime())}`;
  const bill = BILL.flatMap((name) => (details[name] === undefined ? [] : [`${name} ${details[name]}`]));
  const todo = code === "" ? undefined : adviceFor(code)?.todo;
  return [
    "",
    `${jobId}  ${status}${took}  ${queuedAt?.toISOString() ?? ""}`,
    `  ${[from, to].filter(Boolean).join(" > ")} ${state} ${progress}`.trimEnd(),
    ...(code === "" ? [] : [`  ${code}${detail === "" ? "" : `: ${detail}`}`]),
    ...(todo === undefined ? [] : [`  do: ${todo}`]),
    ...(reset === "" ? [] : [`  reset: ${reset}${selfTest === "" ? "" : `, self-test: ${selfTest}`}`]),
    ...(bill.length === 0 ? [] : [`  cost: ${bill.join(", ")}`]),
    ...(log === "" ? [] : [`  journal: ${log}`]),
  ].filter((line) => line.trim() !== "" || line === "");
}
