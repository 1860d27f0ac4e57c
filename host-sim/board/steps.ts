import { BoardHalt, GuestPanic } from "../engines/engine.js";

/** Effects of a board that a power cut can hit, in the words of `onStep`. */
export type StepKind =
  | "flash-erase"
  | "flash-write"
  | "store"
  | "net-open"
  | "net-out"
  | "net-close"
  | "net-in"
  | "timer"
  | "restart";

/** One effect of a board. */
export interface Step {
  /** Counts from 1 over the whole life of the board, through resets and power cuts. */
  readonly number: number;
  readonly kind: StepKind;
  /** Such as `erase 0x210000+65536` or `readable 3 1448`. */
  readonly detail: string;
  /** Whether the step has a state between "not begun" and "done". */
  readonly tearable: boolean;
}

/** Where in a step the power goes. A step that has no torn state is cut before it instead. */
export type CutPlace = "before" | "torn" | "after";

/** A power cut to come. */
export interface CutPlan {
  /** Number of the step, see {@link Step.number}. */
  readonly step: number;
  readonly where: CutPlace;
  /** Chooses among the torn states. Default: the step's number. */
  readonly seed?: number;
}

/** Numbers the effects and cuts the power where it was told to. */
export class StepCounter {
  /** Steps so far. */
  count = 0;
  plan: CutPlan | undefined;
  onStep: ((step: Step) => void) | undefined;
  readonly #cutPower: () => void;
  readonly #isDead: () => boolean;

  /** `cutPower` switches the board off; `isDead` tells whether the program that asks has ended already. */
  constructor(cutPower: () => void, isDead: () => boolean) {
    this.#cutPower = cutPower;
    this.#isDead = isDead;
  }

  /**
   * Performs `effect` as the next step. `torn` leaves what a power cut in its middle leaves.
   * @throws BoardHalt when the power was cut here
   */
  perform<T>(kind: StepKind, detail: string, effect: () => T, torn?: (seed: number) => void): T {
    if (this.#isDead()) throw new BoardHalt("the board is off");
    this.count += 1;
    const number = this.count;
    this.onStep?.({ number, kind, detail, tearable: torn !== undefined });
    // The observer may have cut the power itself.
    if (this.#isDead()) throw new BoardHalt("the board is off");
    const plan = this.plan;
    if (plan?.step !== number) return effect();
    this.plan = undefined;
    if (plan.where === "after") runToEnd(effect);
    else if (plan.where === "torn") torn?.(plan.seed ?? number);
    this.#cutPower();
    throw new BoardHalt(`power cut at step ${number}`);
  }
}

/** A step that ends the program, by a restart or a crash, is over too. */
function runToEnd(effect: () => unknown): void {
  try {
    effect();
  } catch (error) {
    if (!(error instanceof BoardHalt || error instanceof GuestPanic)) throw error;
  }
}
