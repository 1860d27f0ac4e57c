import assert from "node:assert/strict";
import { assertBill } from "./bill.js";
import { DEFAULT_IMAGE_SIZE } from "./images.js";
import { assertReplay } from "./replay.js";
import { type Publication, type Scenario, type ScenarioOptions, scenario } from "./scenario.js";

/** One fault and what the device makes of it: a row of docs/faults.md and a scenario. */
export type FaultCase = {
  /** In the words of the document. */
  readonly fault: string;
  readonly reaction: string;
  /** The code that is traced, and that ends the job when it ends badly; "-": none. */
  readonly code: string;
  /** Terminal status of the job. */
  readonly ends: "SUCCEEDED" | "FAILED" | "REJECTED";
  readonly options?: ScenarioOptions;
  readonly publication?: Publication;
  /** Before the job is created: what is to go wrong. */
  readonly arrange?: (scenario: Scenario) => Promise<void> | void;
  /** After the job was created. */
  readonly act?: (scenario: Scenario) => Promise<void> | void;
  readonly check?: (scenario: Scenario) => void;
  /** Bytes that may be loaded more than once: by default what is under way when a connection ends. */
  readonly waste?: number;
  /** Why the journal cannot be replayed, in a part of the message. Default: it is, to the same states. */
  readonly replays?: RegExp;
  /** Terminal updates that may be sent again, because their answer was lost. */
  readonly repeats?: number;
};

const UNDER_WAY = 24_000;

/** Registers one scenario for each case. */
export function faultSuite(subject: string, cases: readonly FaultCase[]): void {
  describe(`faults: ${subject}`, () => {
    for (const entry of cases) {
      it(`${entry.fault}: ${entry.reaction}`, () => scenario(entry.options ?? {}, (run) => play(run, entry)));
    }
  });
}

async function play(run: Scenario, entry: FaultCase): Promise<void> {
  const { code, ends } = entry;
  await entry.arrange?.(run);
  await run.publish(entry.publication);
  await entry.act?.(run);
  if (ends === "SUCCEEDED") {
    run.succeeds();
    if (code !== "-") assert.notDeepEqual(run.traced(code), [], `${code} is traced\n${run.told()}`);
    const loaded = Number(run.details().bytes);
    assert.ok(
      loaded <= DEFAULT_IMAGE_SIZE + (entry.waste ?? UNDER_WAY),
      `${loaded} bytes loaded for ${DEFAULT_IMAGE_SIZE}`,
    );
  } else run.endsWith(ends, code);
  assertBill(run);
  await assertReplay(run, entry.replays);
  entry.check?.(run);
  await run.intact({ repeats: entry.repeats ?? 0 });
}

/** The table of a subject as docs/faults.md prints it. */
export function faultRows(cases: readonly FaultCase[]): string[] {
  return cases.map(
    ({ fault, reaction, code, ends }) =>
      `| ${fault} | ${reaction} | ${code === "-" ? "-" : `\`${code}\``} | ${ends === "SUCCEEDED" ? "goes on" : ends} |`,
  );
}
