import assert from "node:assert/strict";
import { AwsError } from "../../../host-sim/cloud/context/context.js";
import { deltaOf } from "../../../host-sim/cloud/shadows/delta.js";
import { merge } from "../../../host-sim/cloud/shadows/merge.js";
import { readBody, readUpdate } from "../../../host-sim/cloud/shadows/request.js";

const NOTHING = { value: {}, metadata: {} };

describe("a change of a shadow", () => {
  it("is merged member by member, with the second of each value beside it", () => {
    const first = merge(NOTHING, { a: { b: 1, c: [1, { d: 2 }] } }, 100);
    const second = merge(first, { a: { b: 2 }, e: true }, 200);
    assert.deepEqual(second.value, { a: { b: 2, c: [1, { d: 2 }] }, e: true });
    assert.deepEqual(second.metadata, {
      a: { b: { timestamp: 200 }, c: [{ timestamp: 100 }, { d: { timestamp: 100 } }] },
      e: { timestamp: 200 },
    });
    assert.deepEqual(second.written, { a: { b: { timestamp: 200 } }, e: { timestamp: 200 } });
  });

  it("takes away what is null, at any depth, and what never was there without a trace", () => {
    const first = merge(NOTHING, { a: { b: 1, c: 2 }, d: 3 }, 100);
    const second = merge(first, { a: { b: null, x: null }, d: null, y: { z: null } }, 200);
    assert.deepEqual(second.value, { a: { c: 2 }, y: {} });
    assert.deepEqual(second.metadata, { a: { c: { timestamp: 100 } }, y: {} });
    assert.deepEqual(second.written, { a: {}, y: {} });
  });

  it("puts a list, and a value of another kind, in the place of what was there", () => {
    const first = merge(NOTHING, { list: [1, 2, 3], object: { a: 1 }, number: 1 }, 100);
    const second = merge(first, { list: [4], object: 5, number: { a: 1, gone: null } }, 200);
    assert.deepEqual(second.value, { list: [4], object: 5, number: { a: 1 } });
  });

  it("knows members that every object has by name only when they are its own", () => {
    const change = JSON.parse('{"__proto__":{"a":1},"constructor":1,"toString":null}');
    const { value } = merge(NOTHING, change, 1);
    assert.equal(JSON.stringify(value), '{"__proto__":{"a":1},"constructor":1}');
    assert.equal(JSON.stringify(merge({ value, metadata: {} }, change, 2).value), JSON.stringify(value));
  });
});

describe("the delta of a shadow", () => {
  const delta = (desired: object | undefined, reported: object | undefined) => {
    const state = JSON.parse(JSON.stringify({ desired, reported }));
    const metadata = { desired: merge(NOTHING, state.desired ?? {}, 7).metadata };
    return deltaOf({ state, metadata, version: 1, changedAt: 0 });
  };

  it("is what is desired and not, or not so, reported", () => {
    const found = delta(
      { same: 1, other: 2, missing: 3, in: { same: 1, other: 2 } },
      { same: 1, other: 0, in: { same: 1 } },
    );
    assert.deepEqual(found?.state, { other: 2, missing: 3, in: { other: 2 } });
    assert.deepEqual(found?.metadata, {
      other: { timestamp: 7 },
      missing: { timestamp: 7 },
      in: { other: { timestamp: 7 } },
    });
  });

  it("has lists as a whole", () => {
    assert.deepEqual(delta({ list: [1, 2] }, { list: [1, 3] })?.state, { list: [1, 2] });
    assert.equal(delta({ list: [1, { a: 2 }] }, { list: [1, { a: 2 }] }), undefined);
  });

  it("is nothing where nothing is desired, however much is reported", () => {
    assert.equal(delta(undefined, { a: 1 }), undefined);
    assert.equal(delta({ a: 1 }, { a: 1, b: 2 }), undefined);
  });
});

describe("a request to a shadow", () => {
  const refusal = (text: string | Uint8Array) => {
    try {
      readUpdate(readBody(typeof text === "string" ? Buffer.from(text) : text, false));
    } catch (error) {
      if (error instanceof AwsError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return "taken";
  };
  const nested = (levels: number): string => (levels === 0 ? "1" : `{"a":${nested(levels - 1)}}`);

  for (const [text, expected] of [
    ["{bad", "InvalidRequest: Invalid JSON"],
    ["", "InvalidRequest: Invalid JSON"],
    ["[]", "InvalidRequest: Invalid JSON"],
    ["null", "InvalidRequest: Invalid JSON"],
    ["{}", "InvalidRequest: Missing required node: state"],
    ['{"__proto__":{"state":{}}}', "InvalidRequest: Missing required node: state"],
    ['{"state":1}', "InvalidRequest: State node must be an object"],
    ['{"state":null}', "InvalidRequest: State node must be an object"],
    ['{"state":[]}', "InvalidRequest: State node must be an object"],
    ['{"state":{"desired":1}}', "InvalidRequest: Desired node must be an object"],
    ['{"state":{"reported":[]}}', "InvalidRequest: Reported node must be an object"],
    ['{"state":{"delta":{}}}', "InvalidRequest: State contains an invalid node"],
    ['{"state":{},"version":"2"}', "InvalidRequest: Invalid version"],
    ['{"state":{},"version":1.5}', "InvalidRequest: Invalid version"],
    ['{"state":{},"version":-1}', "InvalidRequest: Invalid version"],
    ['{"state":{},"clientToken":5}', "InvalidRequest: Invalid clientToken"],
    [`{"state":{},"clientToken":"${"é".repeat(33)}"}`, "InvalidRequest: Invalid clientToken"],
    [`{"state":{},"clientToken":"${"é".repeat(32)}"}`, "taken"],
    ['{"state":{"desired":null,"reported":{"a":null}},"version":null,"clientToken":null}', "taken"],
  ] as const)
    it(`${text.slice(0, 60)} is ${expected}`, () => assert.equal(refusal(text), expected));

  it("may be six levels deep below desired, and no deeper", () => {
    assert.equal(refusal(`{"state":{"desired":${nested(6)}}}`), "taken");
    for (const levels of [7, 3000])
      assert.equal(
        refusal(`{"state":{"desired":${nested(levels)}}}`),
        "InvalidRequest: JSON contains too many levels of nesting; maximum is 6",
      );
  });

  it("may have 8 KiB of state, blanks not counted", () => {
    const state = (length: number) => `{"state": ${" ".repeat(9000)}{"reported":{"a":"${"x".repeat(length)}"}}}`;
    const room = 8192 - '{"reported":{"a":""}}'.length;
    assert.equal(refusal(state(room)), "taken");
    assert.equal(refusal(state(room + 1)), "RequestEntityTooLarge: The payload exceeds the maximum size allowed");
  });

  it("is UTF-8", () => {
    assert.match(refusal(Uint8Array.of(0x7b, 0xff, 0x7d)), /^UnsupportedDocumentEncoding: .* UTF-8$/);
  });
});
