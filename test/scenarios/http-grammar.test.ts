import { GRAMMAR_CASES, playGrammar } from "./support/http-grammar-cases.js";
import { scenario } from "./support/scenario.js";

describe("HTTP as the RFCs have it", () => {
  for (const entry of GRAMMAR_CASES)
    it(`${entry.construct}: ${entry.reaction}`, () => scenario(entry.options ?? {}, (run) => playGrammar(run, entry)));
});
