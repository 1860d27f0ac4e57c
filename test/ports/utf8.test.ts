import assert from "node:assert/strict";
import { decodeUtf8, encodeUtf8 } from "../../host-sim/ports/utf8.js";

describe("the ports' UTF-8", () => {
  it("encodes and decodes as Node does", () => {
    for (const text of ["", "plain", "é€\u{1f600}\u{10ffff}", "\u0000\u007f\u0080\u07ff\u0800\uffff"]) {
      assert.deepEqual([...encodeUtf8(text)], [...Buffer.from(text)]);
      assert.equal(decodeUtf8(new Uint8Array(Buffer.from(text))), text);
    }
  });

  for (const [what, bytes] of [
    ["a cut sequence", [0xe2, 0x82]],
    ["a continuation without start", [0x80]],
    ["an overlong form", [0xc0, 0x80]],
    ["an overlong form of three bytes", [0xe0, 0x80, 0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a code beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["a broken continuation", [0xc3, 0x28]],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeUtf8(Uint8Array.from(bytes)), TypeError);
    });
  }
});
