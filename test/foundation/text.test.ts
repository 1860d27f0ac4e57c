import assert from "node:assert/strict";
import { base64FromBytes, bytesFromBase64 } from "../../modules/foundation/base64.js";
import { bytesFromHex, hexFromBytes } from "../../modules/foundation/hex.js";

describe("bytesFromBase64", () => {
  for (let length = 0; length < 40; length++) {
    it(`reads ${length} bytes as Node writes them, with and without padding`, () => {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
      const text = Buffer.from(bytes).toString("base64");
      assert.deepEqual(bytesFromBase64(text), bytes);
      assert.deepEqual(bytesFromBase64(text.replace(/=+$/, "")), bytes);
    });
  }
  for (const text of ["A", "AA=", "AAA==", "AB==", "A A=", "AA-_", "@@@@", "AAAA=", "AAA=AAA=", "AAAA\n"]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(bytesFromBase64(text), undefined));
  }
});

describe("bytesFromHex", () => {
  it("reads either case and writes lower case", () => {
    const bytes = bytesFromHex("00fFA5");
    assert.deepEqual(bytes, Uint8Array.of(0, 255, 165));
    assert.equal(hexFromBytes(bytes ?? new Uint8Array()), "00ffa5");
  });
  for (const text of ["0", "0g", "0x00", " 00", "00 "]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(bytesFromHex(text), undefined));
  }
});

describe("base64 of bytes", () => {
  it("is what everybody else writes, and reads back", () => {
    for (let byteLength = 0; byteLength < 70; byteLength++) {
      const bytes = Uint8Array.from({ length: byteLength }, (_, index) => (index * 77 + byteLength) & 0xff);
      const text = base64FromBytes(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64"));
      assert.deepEqual(bytesFromBase64(text), bytes);
    }
  });
});
