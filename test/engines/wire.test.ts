import assert from "node:assert/strict";
import type { HostValue } from "../../host-sim/engines/index.js";
import { decodeValue, encodeValue, type TextCodec } from "../../host-sim/engines/xs/wire.js";

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

function crossed(value: HostValue): HostValue {
  return decodeValue(encodeValue(value, text), text);
}

describe("wire of the XS engine", () => {
  it("carries plain values, nested ones and bytes at any depth", () => {
    const value = [
      1,
      -0.5,
      "täxt\u{1F600}",
      true,
      null,
      undefined,
      Uint8Array.of(0, 255),
      { a: [Uint8Array.of(7)], b: { c: new Uint8Array(0) } },
    ];
    assert.deepEqual(crossed(value), value);
  });

  it("keeps undefined and null apart", () => {
    assert.equal(crossed(undefined), undefined);
    assert.equal(crossed(null), null);
  });

  it("carries part of a buffer, and gives bytes of their own", () => {
    const whole = Uint8Array.of(1, 2, 3, 4);
    const part = crossed(whole.subarray(1, 3));
    assert.deepEqual(part, Uint8Array.of(2, 3));
    assert.ok(part instanceof Uint8Array && part.byteOffset === 0 && part.buffer.byteLength === 2);
  });

  it("carries a large block", () => {
    const block = new Uint8Array(100_000).map((_byte, index) => index * 31);
    assert.deepEqual(crossed({ block }), { block });
  });

  it("refuses what cannot cross", () => {
    for (const wrong of [() => {}, Symbol("s"), 1n, { deep: [() => {}] }]) {
      assert.throws(() => encodeValue(wrong, text), TypeError);
    }
  });
});
