import type { CutMade, Rest, StoryRun } from "./story-run.js";

const BLOCK = 65_536;
const SECTOR = 4096;
/** A TLS record that has reached the board, and the one before, which waits for the flash. */
const IN_FLIGHT = 2 * 16_384;
/** Losses of power that a trial survives, and one more. [aws-fota maxTrials, default] */
const MAX_TRIALS = 3;
/** Request and response headers. */
const HEADERS = 2048;

/** The rules that hold whatever is cut. Every run is judged by all of them. */
export const INVARIANTS = Object.freeze({
  ends: "every execution ends, and the board comes to rest",
  "valid-image": "whatever boots is a published image, byte for byte",
  "true-status": "the terminal status is true",
  "one-terminal": "one terminal status is sent for an execution, again only when its acknowledgement was lost",
  "no-half-slot": "a slot that otadata selects is complete, at every reset",
  "running-slot": "the running slot is never written",
  refetch: "at most the last sector written and what was in flight is fetched again for a cut",
  wear: "flash erases and stores of the record stay within their bounds",
  "record-gone": "the record of the job is gone at the end",
  "no-leak": "no timer, socket or connection is left behind",
  "no-crash": "the firmware never crashes",
  stays: "the next boot starts the image that runs",
  quarantine: "an image that was rolled back is remembered",
});
/** Name of a rule. */
export type Invariant = keyof typeof INVARIANTS;

/** A rule that was broken, and how. */
export type Violation = { readonly invariant: Invariant; readonly detail: string };

/** Upper bounds for a run. `images`: bytes of all images that may be loaded; `boots` counts with the cuts. */
export function boundsOf({ story, cuts }: Pick<StoryRun, "story" | "cuts">) {
  const sizes = story.jobs.flatMap(({ image, patch }) =>
    // What a damaged patch wrote before it was given up is written again.
    patch?.isGood === false ? [image.bytes.length, image.bytes.length] : [image.bytes.length],
  );
  const loads = story.jobs.flatMap(({ image, patch }) => {
    if (patch === undefined) return [image.bytes.length];
    return patch.isGood ? [patch.bytes.length] : [patch.bytes.length, image.bytes.length];
  });
  const sum = (of: (size: number) => number, list = sizes) => list.reduce((total, size) => total + of(size), 0);
  const jobs = sizes.length;
  /** What stands for one frame of an image is taken again: at most the patch. */
  const frame = Math.max(0, ...story.jobs.map(({ patch }) => patch?.bytes.length ?? 0));
  return {
    /**
     * Each image or patch once; per cut the sector that may be half written or the frame that was begun, what was in
     * flight, and headers.
     */
    httpBytes: sum((size) => size + HEADERS, loads) + cuts.length * (Math.max(SECTOR, frame) + IN_FLIGHT + HEADERS),
    /**
     * Each image once, in whole sectors and at most to the end of its last block; per cut the blocks that were erased
     * and not noted yet, at the image's end two of them, and the two sectors in doubt.
     */
    slotBytesErased: sum((size) => Math.ceil(size / BLOCK) * BLOCK) + cuts.length * 2 * (BLOCK + SECTOR),
    /**
     * First record of a new board or begin, boot flag, the bootloader's mark, confirmation or rejection; after a cut
     * all of them again.
     */
    otadataErases: 4 * jobs + 4 * cuts.length,
    /**
     * One for each block of an image and eight for the states of a job; per cut the states that are run through again,
     * those of a trial with the notes of its self-test among them.
     */
    recordStores: sum((size) => Math.floor(size / BLOCK) + 8) + 6 * cuts.length,
  };
}

/** All that is wrong with a run; `idle` is what a board at rest looks like, from a run without cuts. */
export function violationsOf(run: StoryRun, idle?: Rest): Violation[] {
  const found: Violation[] = run.seen.map((sentence) => {
    const [name = "", ...detail] = sentence.split(": ");
    return { invariant: name as Invariant, detail: detail.join(": ") };
  });
  const wrong = (invariant: Invariant, detail: string): void => void found.push({ invariant, detail });
  const { rest } = run;
  if (rest === undefined) {
    const ended = run.endings.map(({ jobId, status }) => `${jobId} ${status}`).join(", ");
    wrong("ends", `ended: ${ended || "nothing"}`);
  } else checkRest(run, rest, idle, wrong);
  checkStatus(run, wrong);
  checkTerminal(run, wrong);
  checkCost(run, wrong);
  return found;
}

type Wrong = (invariant: Invariant, detail: string) => void;

function checkRest({ story, endings }: StoryRun, rest: Rest, idle: Rest | undefined, wrong: Wrong): void {
  if (rest.state !== "running") wrong("ends", `the board is ${rest.state}`);
  if (rest.record?.includes('"job"') === true) wrong("record-gone", rest.record);
  if (rest.nextVersion !== rest.version) wrong("stays", `${rest.version} runs, ${rest.nextVersion} would start`);
  const succeeded = endings.filter(({ status }) => status === "SUCCEEDED").at(-1);
  const expected = story.jobs.find(({ jobId }) => jobId === succeeded?.jobId)?.image.version ?? story.first.version;
  if (rest.version !== expected) wrong("true-status", `at the end ${rest.version} runs, not ${expected}`);
  if (rest.sockets !== 1 || rest.connections !== 1)
    wrong("no-leak", `${rest.sockets} sockets, ${rest.connections} connections`);
  if (idle !== undefined && rest.timers > idle.timers) wrong("no-leak", `${rest.timers} timers, not ${idle.timers}`);
}

function checkStatus({ story, cuts, endings, rest, terminal }: StoryRun, wrong: Wrong): void {
  let runs = story.first.version;
  for (const { jobId, image, fate } of story.jobs) {
    const ending = endings.find((candidate) => candidate.jobId === jobId);
    if (ending === undefined) continue;
    const { status, version, settled } = ending;
    const mayFail = fate === "fails" || cuts.filter(({ onTrial }) => onTrial).length >= MAX_TRIALS;
    const allowed =
      fate === "canceled"
        ? ["CANCELED"]
        : fate === "fails"
          ? ["FAILED"]
          : mayFail
            ? ["SUCCEEDED", "FAILED"]
            : ["SUCCEEDED"];
    const said = terminal.find((update) => update.jobId === jobId);
    if (!allowed.includes(status))
      wrong(
        "true-status",
        `${jobId} is ${status}, allowed: ${allowed.join(", ")} ${JSON.stringify(said?.details ?? {})}`,
      );
    const expected = status === "SUCCEEDED" ? image.version : runs;
    if (version !== expected) wrong("true-status", `${jobId} is ${status} while ${version} runs`);
    if (status === "SUCCEEDED" && !settled)
      wrong("true-status", `${jobId} is SUCCEEDED before ${version} is confirmed`);
    runs = expected;
    if (status !== "FAILED" || rest === undefined) continue;
    const quarantined = /"quarantined":\[\{/.test(rest.record ?? "");
    if (!quarantined) wrong("quarantine", `${jobId} FAILED and its image is not remembered`);
  }
}

function checkTerminal({ story, cuts, endings, terminal }: StoryRun, wrong: Wrong): void {
  for (const { jobId, fate } of story.jobs) {
    const sent = terminal.filter((update) => update.jobId === jobId);
    const statuses = new Set(sent.map(({ status }) => status));
    if (statuses.size > 1) wrong("one-terminal", `${jobId}: ${[...statuses].join(" and ")} were sent`);
    if (sent.length > 1 + cuts.length) wrong("one-terminal", `${jobId}: sent ${sent.length} times`);
    const ending = endings.find((candidate) => candidate.jobId === jobId);
    if (fate === "canceled" ? sent.length > 0 : ending !== undefined && sent.length === 0)
      wrong("one-terminal", `${jobId} is ${ending?.status}, and ${sent.length} terminal updates were sent`);
  }
}

function checkCost(run: StoryRun, wrong: Wrong): void {
  const bounds = boundsOf(run);
  if (run.httpBytes > bounds.httpBytes) wrong("refetch", `${run.httpBytes} bytes, at most ${bounds.httpBytes}`);
  for (const name of ["slotBytesErased", "otadataErases", "recordStores"] as const) {
    if (run[name] > bounds[name]) wrong("wear", `${name} ${run[name]}, at most ${bounds[name]}`);
  }
}

/** A cut in words, for a report. */
export function describeCut({ number, kind, detail, where, onTrial }: CutMade): string {
  return `${where} step ${number} (${kind}: ${detail}${onTrial ? ", on trial" : ""})`;
}
