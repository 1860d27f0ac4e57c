import type { EngineName } from "../../../host-sim/engines/index.js";
import { needXs, XS_TITLE } from "../../support/xs-required.js";
import { type Scenario, type ScenarioOptions, scenario } from "./scenario.js";

/** One scenario of a suite: its title in the present tense, the board it needs, and what happens. */
export type Story = {
  readonly it: string;
  readonly options?: ScenarioOptions;
  readonly play: (run: Scenario) => Promise<void> | void;
  /** False: on Node only, because of the time it takes. Default: on both engines. */
  readonly xs?: boolean;
};

const XS_TIMEOUT_MS = 300_000;

/** Registers every story on Node and on XS: the same firmware, also on the engine of the device. */
export function storySuite(subject: string, stories: readonly Story[]): void {
  const register = (engine: EngineName, chosen: readonly Story[]) => {
    for (const { it: title, options, play } of chosen) it(title, () => scenario({ ...options, engine }, play));
  };
  describe(subject, () => register("node", stories));
  describe(`${subject}, ${XS_TITLE}`, function () {
    this.timeout(XS_TIMEOUT_MS);
    before(needXs);
    register(
      "xs",
      stories.filter(({ xs }) => xs !== false),
    );
  });
}
