import type { EngineName } from "../../../host-sim/engines/index.js";
import { needXs, XS_TITLE } from "../../support/xs-required.js";
import { type Scenario, type ScenarioOptions, scenario } from "../support/scenario.js";

/** A case of a qualification suite: a row of docs/qualification.md, and a scenario of that title. */
export type QualificationCase = {
  /** As the suite calls it. */
  readonly name: string;
  /** What is checked, in the words of the document. */
  readonly checks: string;
  readonly options?: ScenarioOptions;
  /** Also runs on XS. */
  readonly xs?: boolean;
  readonly play: (run: Scenario) => Promise<void> | void;
};

/** Title of the test, under which the document finds it. */
export const titleOf = ({ name, checks }: Pick<QualificationCase, "name" | "checks">): string => `${name}: ${checks}`;

/** Registers every case on Node, and those that say so on XS too. */
export function qualificationSuite(subject: string, cases: readonly QualificationCase[]): void {
  const register = (engine: EngineName, chosen: readonly QualificationCase[]) => {
    for (const entry of chosen) it(titleOf(entry), () => scenario({ ...entry.options, engine }, entry.play));
  };
  describe(subject, () => register("node", cases));
  describe(`${subject} ${XS_TITLE}`, () => {
    before(needXs);
    register(
      "xs",
      cases.filter(({ xs }) => xs === true),
    );
  });
}
