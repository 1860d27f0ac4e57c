import assert from "node:assert/strict";
import fc from "fast-check";
import { fuzz } from "../support/fuzz/fuzz-run.js";
import { bytesTarget, textTarget } from "../support/fuzz/fuzz-target.js";
import { cutBytes, outcomeOf, withShallowJson } from "../support/fuzz/invariants.js";
import { jsonOf, mutatedJson } from "../support/fuzz/json.js";
import { mutatedBytes, mutatedText } from "../support/fuzz/mutations.js";

const VALID = Uint8Array.from({ length: 40 }, (_, index) => index);

/** A parser that forgets to look whether a length leads beyond its end. */
const careless = bytesTarget({
  name: "careless",
  reads: "a length and so many bytes",
  reaches: ["read"],
  data: mutatedBytes(fc.constant(Uint8Array.of(3, 1, 2, 3))),
  check: ([length = 0, ...rest]) => {
    if (rest.length < length) throw new RangeError("beyond the end");
    return "read";
  },
});

describe("the fuzzer", () => {
  it("finds a parser that trusts a length, and shrinks the case to what matters", () => {
    const { failure, cases } = fuzz(careless, { seed: 1, cases: 1000 });
    assert.ok(failure?.error instanceof RangeError && cases < 1000);
    assert.ok(failure.input.data.length <= 4);
    assert.throws(() => careless.check(failure.input), RangeError);
  });

  it("makes the same cases of the same seed, and others of another", () => {
    const run = (seed: number) => {
      const seen: string[] = [];
      const watched = { ...careless, check: (input: { data: unknown }) => String(seen.push(String(input.data))) };
      fuzz(watched, { seed, cases: 50 });
      return seen;
    };
    assert.deepEqual(run(3), run(3));
    assert.notDeepEqual(run(3), run(4));
  });

  it("counts verdicts and cases", () => {
    const target = textTarget({ name: "t", reads: "", reaches: [], data: fc.constant("a"), check: (text) => text });
    const { cases, verdicts, failure } = fuzz(target, { seed: 1, cases: 30 });
    assert.equal(failure, undefined);
    assert.equal(cases, 30);
    assert.deepEqual([...verdicts], [["a", 30]]);
  });

  it("refuses a case of the other kind", () => {
    assert.throws(() => careless.check({ data: "text", salt: 0 }), /takes bytes/);
  });
});

describe("generators of damage", () => {
  const share = (matches: (sample: Uint8Array) => boolean) =>
    fc.sample(mutatedBytes(fc.constant(VALID)), { seed: 5, numRuns: 2000 }).filter(matches).length / 2000;

  it("keep some inputs whole, and change most of them a little", () => {
    assert.ok(share((bytes) => Buffer.compare(bytes, VALID) === 0) > 0.1);
    assert.ok(share((bytes) => bytes.length < VALID.length) > 0.1, "cut");
    assert.ok(share((bytes) => bytes.length > VALID.length) > 0.1, "lengthened");
    assert.ok(share((bytes) => bytes.length === VALID.length && Buffer.compare(bytes, VALID) !== 0) > 0.1, "edited");
  });

  it("work on empty inputs", () => {
    fc.assert(fc.property(mutatedBytes(fc.constant(new Uint8Array(0))), (bytes) => bytes instanceof Uint8Array));
    fc.assert(fc.property(mutatedText(fc.constant("")), (text) => typeof text === "string"));
  });

  it("keep most JSON readable", () => {
    const texts = fc.sample(mutatedJson(fc.constant({ a: { b: [1] } }), ["a"]), { seed: 5, numRuns: 1000 });
    const readable = texts.filter((text) => jsonOf(text) !== undefined).length;
    assert.ok(readable > 600 && readable < 1000, `${readable} of 1000`);
  });
});

describe("invariants", () => {
  it("cut bytes in all ways, and lose none", () => {
    const counts = new Set<number>();
    for (let salt = 0; salt < 200; salt++) {
      const pieces = cutBytes(VALID, salt);
      assert.deepEqual(Buffer.concat(pieces), Buffer.from(VALID));
      counts.add(pieces.length);
    }
    assert.ok(counts.has(1) && Math.max(...counts) >= VALID.length && counts.size > 10);
  });

  it("let through what is no error of the parser", () => {
    const expected = (error: unknown) => (error instanceof RangeError ? "range" : undefined);
    const fail = (error: Error) => () => {
      throw error;
    };
    assert.deepEqual(
      outcomeOf(() => 1, expected),
      { kind: "value", value: 1 },
    );
    assert.deepEqual(outcomeOf(fail(new RangeError("r")), expected), { kind: "error", code: "range", message: "r" });
    assert.throws(() => outcomeOf(fail(new TypeError("t")), expected), TypeError);
  });

  it("see how deep the JSON is that code gives to the engine, also where the code catches everything", () => {
    const parse = (text: string) => () => {
      try {
        JSON.parse(text);
      } catch {
        return "caught";
      }
      return "parsed";
    };
    assert.equal(withShallowJson(parse('["[[[[[[[[[[[[[[[[[[[[[[[[[[["]')), "parsed");
    assert.throws(() => withShallowJson(parse("[".repeat(25))), /25 deep/);
    assert.equal(parse("[")(), "caught", "afterwards the engine's own is back");
  });
});
