import { seededRandom } from "../board/random.js";
import type { CutPlace, CutPlan, Step } from "../board/steps.js";

/** Torn states tried for each erase of otadata, where a few bits decide what boots. */
const OTADATA_VARIANTS = 18;

/** What is known of a step after a run without cuts. */
export type SeenStep = Pick<Step, "number" | "kind" | "detail" | "tearable"> & {
  /** The step changes otadata. */
  readonly otadata: boolean;
};

/**
 * Every way to cut the power once in a run that takes these steps. A step without a torn state is cut before and after
 * it only.
 */
export function singleCuts(steps: readonly SeenStep[]): CutPlan[] {
  return steps.flatMap(({ number: step, kind, tearable, otadata }) => {
    const before: CutPlan = { step, where: "before" };
    const after: CutPlan = { step, where: "after" };
    if (!tearable) return [before, after];
    const variants = otadata && kind === "flash-erase" ? OTADATA_VARIANTS : 1;
    const torn = Array.from({ length: variants }, (_, index): CutPlan => ({ step, where: "torn", seed: step + index }));
    return [before, ...torn, after];
  });
}

/** Every `stride`-th cut, for an engine that is slower. */
export function sampledCuts(cuts: readonly CutPlan[], stride: number): CutPlan[] {
  return cuts.filter((_cut, index) => index % stride === 0);
}

/** A second cut comes after the first; its step is counted on, as the board counts. */
export type CutPair = readonly [CutPlan, CutPlan];

const PLACES: readonly CutPlace[] = Object.freeze(["before", "torn", "after"]);
/**
 * Steps that a board takes from power on to a resumed download, about: half of the second cuts fall so soon after the
 * first.
 */
const SOON = 40;

/** `count` pairs. The same seed gives the same pairs, and a longer list begins with the shorter one. */
export function sampledPairs(steps: readonly SeenStep[], count: number, seed: number): CutPair[] {
  const random = seededRandom(seed);
  const whole = (limit: number) => Math.floor(random() * limit);
  const place = (): CutPlace => PLACES[whole(PLACES.length)] ?? "before";
  return Array.from({ length: count }, (): CutPair => {
    const first = 1 + whole(steps.length);
    const distance = 1 + whole(random() < 0.5 ? SOON : Math.max(1, steps.length - first + SOON));
    return [
      { step: first, where: place(), seed: whole(1_000_000) },
      { step: first + distance, where: place(), seed: whole(1_000_000) },
    ];
  });
}

/** Arguments that run the same cuts again. */
export function cutArguments(cuts: readonly CutPlan[]): string {
  return cuts
    .map(({ step, where, seed }) => `--step ${step} --where ${where}${seed === undefined ? "" : ` --variant ${seed}`}`)
    .join(" ");
}
