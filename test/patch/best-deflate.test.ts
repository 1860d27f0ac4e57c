import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { bestDeflate } from "../../operator/patch/best-deflate.js";
import { codeLengths } from "../../operator/patch/huffman-code.js";
import { codeLike } from "../support/patch-images.js";

const WINDOW_BITS = 12;

describe("the deflate of patches", () => {
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.array(fc.nat(3), { maxLength: 3000 }).map((codes) => Uint8Array.from(codes)),
    fc
      .record({ length: fc.nat(9000), seed: fc.nat(50), runs: fc.boolean() })
      .map(({ length, seed, runs }) => codeLike(length, seed).map((byte) => (runs && byte > 90 ? 0 : byte))),
  );

  it("is read by zlib with the device's window", () => {
    fc.assert(
      fc.property(texts, (bytes) => {
        const packed = bestDeflate(bytes);
        const plain = inflateRawSync(packed, { windowBits: WINDOW_BITS });
        assert.equal(Buffer.compare(plain, bytes), 0);
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  it("is shorter than zlib's best", () => {
    const bytes = new Uint8Array(readFileSync(new URL("../../docs/errors.md", import.meta.url)));
    const zlib = deflateRawSync(bytes, { level: 9, memLevel: 9, windowBits: WINDOW_BITS }).length;
    assert.ok(bestDeflate(bytes).length < 0.99 * zlib);
  });

  it("has a code for everything where almost nothing occurs", () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(1), new Uint8Array(100_000), Uint8Array.of(255, 255)])
      assert.equal(Buffer.compare(inflateRawSync(bestDeflate(bytes)), bytes), 0);
  });
});

describe("lengths of codes", () => {
  const kraft = (lengths: Uint8Array): number =>
    [...lengths].reduce((sum, bits) => sum + (bits > 0 ? 2 ** -bits : 0), 0);

  it("make a complete code within the limit, and give rare symbols the long ones", () => {
    const counts = fc.array(fc.oneof(fc.nat(3), fc.nat(1 << 20)), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 6, max: 15 }), (list, limit) => {
        const lengths = codeLengths(list, limit);
        const used = list.filter((count) => count > 0).length;
        assert.ok(lengths.every((bits) => bits <= limit));
        assert.ok([...lengths].every((bits, symbol) => bits > 0 === (list[symbol] ?? 0) > 0));
        if (used > 1) assert.equal(kraft(lengths), 1);
        list.forEach((one, at) => {
          list.forEach((other, place) => {
            if (one > other && other > 0) assert.ok((lengths[at] ?? 0) <= (lengths[place] ?? 0));
          });
        });
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it("need the limit where counts grow as Fibonacci's numbers", () => {
    const counts = [1, 1];
    while (counts.length < 30) counts.push((counts.at(-1) ?? 0) + (counts.at(-2) ?? 0));
    assert.equal(Math.max(...codeLengths(counts, 15)), 15);
    assert.equal(kraft(codeLengths(counts, 15)), 1);
  });
});
