import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { decodeFoundCase, encodeFoundCase } from "../support/fuzz/found-case.js";
import { TARGETS } from "./targets/index.js";

const FOLDER = new URL("../fixtures/fuzz/", import.meta.url);

describe("cases that the fuzzer found", () => {
  for (const file of readdirSync(FOLDER).sort()) {
    const json = readFileSync(new URL(file, FOLDER), "utf8");
    const { target: name, verdict, input } = decodeFoundCase(json);

    it(`are mended: ${file}`, () => {
      const target = TARGETS.find((candidate) => candidate.name === name);
      assert.ok(target !== undefined, `no target is called ${name}`);
      assert.equal(target.check(input), verdict);
    });
  }

  it("are read from the file as they were written to it", () => {
    for (const data of ["text \ud800 \0", new Uint8Array([0, 255])]) {
      const found = { target: "t", found: "f", verdict: "v", input: { data, salt: 7 } };
      assert.deepEqual(decodeFoundCase(encodeFoundCase(found)), found);
    }
  });

  for (const [what, json] of [
    ["no target", '{"found":"f","verdict":"v","text":"","salt":0}'],
    ["no data", '{"target":"t","found":"f","verdict":"v","salt":0}'],
    ["no salt", '{"target":"t","found":"f","verdict":"v","hex":""}'],
    ["no object", "null"],
  ] as const) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => decodeFoundCase(json), TypeError);
    });
  }
});
