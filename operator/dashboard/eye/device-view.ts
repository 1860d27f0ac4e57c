import { adviceFor } from "../../advice/index.js";
import { type Aws, isThingName, Things } from "../../aws/index.js";
import { usage } from "../../failure/index.js";
import { deviceFacts } from "../../fleet/index.js";
import { type Execution, executionsOfThing, inParallel, readExecution } from "../../jobs/index.js";
import type { Moment, ShownDeviceView, ShownExecution } from "../shown/index.js";
import { cleanText, timeOf } from "./clean-text.js";
import type { SeenStates } from "./seen-states.js";

/** Jobs of a device that are shown, the latest. */
const MAX_JOBS = 10;
/** Members of `statusDetails` that tell what an attempt cost. */
const BILL = ["bytes", "requests", "erases", "stores"];

const TOLD = { index: "fleet indexing", shadow: "its shadow", jobs: "its last jobs", none: "nobody" } as const;

/** A device by itself. At most 20 requests. @throws FotaError */
export async function deviceView(aws: Aws, thing: string, seen: SeenStates): Promise<ShownDeviceView> {
  if (!isThingName(thing)) throw usage(`${thing} is no name of a thing`);
  if ((await new Things(aws).thing(thing)) === undefined) throw usage(`there is no thing ${thing}`);
  const facts = await deviceFacts(aws, thing);
  const lines = await executionsOfThing(aws, thing, MAX_JOBS);
  const read = await inParallel(lines, (line) => readExecution(aws, line));
  const { version, project, slot, outcome, code, quarantine, boots, memory, heardAt, connected, connectedAt } = facts;
  const all: readonly (readonly [string, string | Moment])[] = [
    ["runs", version || "unknown"],
    ["project", project],
    ["slot", slot],
    ["last outcome", [outcome, code].filter(Boolean).join(": ")],
    ["refuses", quarantine],
    ["starts", boots],
    ["least free memory", memory === "" ? "" : `${memory} bytes`],
    ["connected", connected === undefined ? "" : connected ? "yes" : "no"],
    ["since", connectedAt === undefined ? "" : { at: timeOf(connectedAt) }],
    ["last heard", heardAt === undefined ? "never" : { at: timeOf(heardAt) }],
  ];
  return {
    thing,
    facts: all
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, typeof value === "string" ? cleanText(value) : value]),
    source: TOLD[facts.source],
    executions: read.flatMap((execution) => (execution === undefined ? [] : [shownExecution(execution, seen)])),
  };
}

function shownExecution(execution: Execution, seen: SeenStates): ShownExecution {
  const { thing, jobId, status, executionNumber, queuedAt, startedAt, lastUpdatedAt } = execution;
  const text = (name: string) => cleanText(execution.details[name] ?? "");
  const code = text("code");
  const bill = BILL.map((name) => [name, text(name)] as const).filter(([, figure]) => figure !== "");
  // `cost` is a list of figures of its own: `seconds=12 stores=3`.
  const cost = text("cost")
    .split(/[\s,]+/)
    .flatMap((part) => {
      const [name = "", figure] = part.split("=");
      return name === "" ? [] : [[name, figure ?? ""] as const];
    });
  const states = seen.of(thing, jobId, executionNumber);
  const now = { at: timeOf(lastUpdatedAt), status, state: text("state"), progress: text("progress") };
  const last = states.at(-1);
  const isKnown = last?.status === status && last.state === now.state && last.progress === now.progress;
  return {
    jobId,
    status,
    queuedAt: timeOf(queuedAt),
    startedAt: timeOf(startedAt),
    lastUpdatedAt: timeOf(lastUpdatedAt),
    from: text("from"),
    to: text("to"),
    code,
    detail: text("detail"),
    todo: adviceFor(code)?.todo ?? "",
    reset: text("reset"),
    selfTest: text("selfTest"),
    bill: [...bill, ...cost],
    journal: text("log"),
    seen: isKnown || status === "QUEUED" ? states : [...states, now],
  };
}
