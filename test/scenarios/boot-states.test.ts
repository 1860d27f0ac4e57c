import assert from "node:assert/strict";
import type { CutPlan, Step } from "../../host-sim/board/index.js";
import { devicePartitions } from "../../host-sim/chip/partitions.js";
import { encodeOtaEntry, makeOtaEntry, OTA_STATE } from "../../modules/esp32-sim/index.js";
import { FIRST, MINUTE, type Scenario, SECOND, scenario } from "./support/scenario.js";
import { type Story, storySuite } from "./support/stories.js";

/** The application with a self-test of its own, switched on when the flash is as the story wants it. */
const OFF = Object.freeze({ config: {}, off: true });
const SECTOR = 0x1000;

type Entry = { readonly seq: number; readonly state: keyof typeof OTA_STATE; readonly torn?: true };
type Slot = "ota_0" | "ota_1";

function offsetOf(label: string): number {
  const found = devicePartitions().find((partition) => partition.label === label);
  assert.ok(found !== undefined, label);
  return found.offset;
}

/**
 * A flash as a story finds it: which slot holds the image, and what otadata says. `torn`: the power went after 8 bytes.
 */
function prepare(run: Scenario, runs: Slot, entries: readonly (Entry | undefined)[]): void {
  const flash = run.world.board.flash.contents;
  if (runs === "ota_1") {
    const length = 0x180000;
    const image = flash.read(offsetOf("ota_0"), length).slice();
    flash.load(offsetOf("ota_1"), image);
    flash.load(offsetOf("ota_0"), new Uint8Array(SECTOR).fill(0xff));
  }
  const otadata = offsetOf("otadata");
  flash.load(otadata, new Uint8Array(2 * SECTOR).fill(0xff));
  entries.forEach((entry, index) => {
    if (entry === undefined) return;
    const bytes = encodeOtaEntry(makeOtaEntry(entry.seq, OTA_STATE[entry.state]));
    flash.load(otadata + index * SECTOR, entry.torn === true ? bytes.subarray(0, 8) : bytes);
  });
  run.world.board.powerOn();
}

const boots = (run: Scenario) => run.world.events.flatMap((event) => (event.type === "boot" ? [event.version] : []));

type Case = {
  readonly what: string;
  readonly runs: Slot;
  readonly entries: readonly (Entry | undefined)[];
};

/** The running image has no entry that selects it. */
const UNSELECTED: readonly Case[] = Object.freeze([
  {
    what: "the very first record cut short, ota_0 runs",
    runs: "ota_0",
    entries: [{ seq: 1, state: "VALID", torn: true }],
  },
  {
    what: "the very first record cut short, ota_0 unbootable",
    runs: "ota_1",
    entries: [{ seq: 2, state: "VALID", torn: true }],
  },
  {
    what: "the first record cut short and a rejected one, ota_0 unbootable",
    runs: "ota_1",
    entries: [
      { seq: 1, state: "VALID", torn: true },
      { seq: 2, state: "INVALID" },
    ],
  },
  { what: "ota_0 selected and unbootable", runs: "ota_1", entries: [{ seq: 1, state: "VALID" }] },
  {
    what: "ota_0 selected and unbootable, the running image rejected once",
    runs: "ota_1",
    entries: [
      { seq: 1, state: "VALID" },
      { seq: 2, state: "ABORTED" },
    ],
  },
  {
    what: "both rejected, ota_0 unbootable",
    runs: "ota_1",
    entries: [
      { seq: 1, state: "INVALID" },
      { seq: 2, state: "ABORTED" },
    ],
  },
  { what: "the running image given up by the bootloader", runs: "ota_0", entries: [{ seq: 1, state: "ABORTED" }] },
] satisfies Case[]);

/** Fates of the image that is published, and how the job ends. */
const FATES = [
  { trial: "pass", status: "SUCCEEDED", code: undefined, crashes: 0 },
  { trial: "fail", status: "FAILED", code: "self-test-failed", crashes: 0 },
  { trial: "crash-at-start", status: "FAILED", code: "rolled-back", crashes: 1 },
  { trial: "crash", status: "FAILED", code: "rolled-back", crashes: 1 },
] as const;

const stories = UNSELECTED.flatMap(({ what, runs, entries }) =>
  FATES.map(
    ({ trial, status, code, crashes }, index): Story => ({
      it: `${what}: an image that ${trial === "pass" ? "is good" : `would ${trial}`} ends ${status}, and later ones can come`,
      options: OFF,
      xs: index === 2 && what.startsWith("the very first"),
      play: async (run) => {
        prepare(run, runs, entries);
        run.expectCrashes(crashes);
        await run.publish({ image: await run.image(SECOND, { trial }) });
        run.endsWith(status, code);
        const now = status === "SUCCEEDED" ? SECOND : FIRST;
        assert.equal(run.version, now);
        assert.ok(boots(run).length <= 4, `boots: ${boots(run).join(", ")}`);
        run.pass(5 * MINUTE);
        await run.publish({ jobId: "job-2", version: "1.0.3", image: await run.image("1.0.3", { trial: "pass" }) });
        run.succeeds("1.0.3", "job-2");
        await run.intact();
      },
    }),
  ),
);

storySuite("boot states without an entry of the running image", stories);

/** Plays a case with a good image; `watch` sees each step, `cut` is planned when the board has connected. */
async function played(
  { runs, entries }: Case,
  { watch, cut }: { readonly watch?: (step: Step) => void; readonly cut?: CutPlan },
): Promise<string> {
  let end = "";
  let watching = false;
  const board = { onStep: (step: Step) => (watching ? watch?.(step) : undefined) };
  await scenario({ ...OFF, board }, async (run) => {
    prepare(run, runs, entries);
    run.untilTraced("mqtt: connected");
    watching = true;
    await run.publish({ image: await run.image(SECOND, { trial: "pass" }) });
    if (cut !== undefined) {
      run.world.board.planCut(cut);
      run.until(() => run.world.board.state === "off", "the power cut");
      run.world.board.powerOn();
      run.untilTraced("runs in");
      assert.equal(run.version, FIRST);
    }
    const status = run.end();
    end = `${status} ${run.version}`;
    await run.intact();
  });
  return end;
}

/** The steps that change otadata before anything of a slot is erased, from a run without a cut. */
async function selectingSteps(of: Case): Promise<Step[]> {
  const otadata = offsetOf("otadata");
  const found: Step[] = [];
  let begun = false;
  const watch = (step: Step): void => {
    const address = Number.parseInt(/0x([0-9a-f]+)/.exec(step.detail)?.[1] ?? "", 16);
    if (!step.kind.startsWith("flash-") || begun) return;
    if (address >= otadata && address < otadata + 2 * SECTOR) found.push(step);
    else begun = true;
  };
  assert.equal(await played(of, { watch }), `SUCCEEDED ${SECOND}`);
  return found;
}

describe("the power cut while the running slot gets its entry", () => {
  for (const one of UNSELECTED) {
    it(`${one.what}: the same image runs whatever is cut, and the update succeeds`, async () => {
      const steps = await selectingSteps(one);
      assert.ok(steps.length >= 4, JSON.stringify(steps));
      for (const { number: step, tearable } of steps) {
        for (const where of tearable ? (["before", "torn", "after"] as const) : (["before", "after"] as const)) {
          for (const seed of where === "torn" ? [1, 2, 3] : [1]) {
            const end = await played(one, { cut: { step, where, seed } });
            assert.equal(end, `SUCCEEDED ${SECOND}`, `${where} step ${step}, seed ${seed}`);
          }
        }
      }
    });
  }
});
