import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { FIRST_FAULT, faultText } from "../../modules/fota-patch/frame-step.js";
import { ScriptFrameDecoder } from "../../modules/fota-patch/script-frame-decoder.js";
import { codeLike } from "../support/patch-images.js";
import { hasCompiler, NativeProgram, type TracedPatch } from "./native/native-program.js";
import { traceOf } from "./native/trace.js";

const FRAME = 65_536;
const base = codeLike(FRAME);
const deflated = (operations: Uint8Array) => new Uint8Array(deflateRawSync(operations));
const packed = (...operations: number[]) => deflated(Uint8Array.from(operations));
const repeated = (count: number, operations: readonly number[]) =>
  deflated(new Uint8Array(count * operations.length).map((_, at) => operations[at % operations.length] ?? 0));

/** Bits as a stream has them: codes of Huffman from their highest bit on. */
function bits(text: string): Uint8Array {
  const digits = text.replaceAll(" ", "");
  return Uint8Array.from({ length: Math.ceil(digits.length / 8) }, (_, byte) =>
    [...digits.slice(8 * byte, 8 * byte + 8)].reduce((sum, bit, at) => sum + (bit === "1" ? 1 << at : 0), 0),
  );
}

/** Far back behind bytes that have nothing in common. */
const distant = codeLike(5000, 3);
const CASES: readonly (readonly [string, Uint8Array, string])[] = [
  ["a third type of block", Uint8Array.of(0x07), "a block of an unknown type"],
  ["a stored block of another length", Uint8Array.of(1, 5, 0, 0, 0), "a stored block contradicts its length"],
  ["more lengths than there are symbols", bits("1 01 11111 00000 0000"), "a table of codes that cannot be"],
  ["a length that deflate has not", bits("1 10 11000110 00000000"), "a code that is in no table"],
  ["a repetition of what is before the frame", bits("1 10 0000001 00000"), "a distance before the frame's beginning"],
  [
    "a window larger than the device's",
    new Uint8Array(
      deflateRawSync(Buffer.concat([Uint8Array.of(0xa1, 0x9c, 0x01), distant, distant]), { windowBits: 15 }),
    ),
    "a distance before the frame's beginning",
  ],
  [
    "more operations than the format allows",
    repeated(FRAME, [2, 0, 1, 5]),
    "a frame of more bytes than the format allows",
  ],
  [
    "more bytes than the format allows, of empty blocks",
    new Uint8Array(200_000).map((_, at) => [0, 0, 0, 255, 255][at % 5] ?? 0),
    "a frame of more bytes than the format allows",
  ],
  ["a number of five bytes", packed(0x81, 0x80, 0x80, 0x80, 0x01), "a number of more than four bytes"],
  ["a part of nothing", packed(0), "a count of nothing, or of more than is left"],
  ["a part longer than the frame", packed(0x83, 0x80, 0x08), "a count of nothing, or of more than is left"],
  ["more changes than the part has", packed(8, 0, 5), "a count of nothing, or of more than is left"],
  [
    "no unchanged bytes where there are some left",
    packed(8, 0, 1, 1, 0),
    "a count of nothing, or of more than is left",
  ],
  ["more unchanged bytes than the part has", packed(8, 0, 1, 1, 4), "a count of nothing, or of more than is left"],
  ["a part before the base", packed(8, 1, 0, 4), "a part that lies outside the base"],
  ["a part behind the base", packed(8, 0xfa, 0xff, 0x07, 0, 4), "a part that lies outside the base"],
  [
    "operations behind the end",
    packed(0x80, 0x80, 0x08, 0, 0, 0x80, 0x80, 0x04, 3, 7),
    "a frame goes on behind its end",
  ],
  ["an end within the frame", packed(8, 0, 0, 4), "a frame ends too early"],
  ["an end within a number", packed(0x80), "a frame ends too early"],
  ["no operations", packed(), "a frame ends too early"],
];

describe("a frame that breaks a rule", () => {
  const cases = CASES.flatMap(([, frames]) =>
    [1, 1460].map((chunk): TracedPatch => ({ imageSize: 2 * FRAME, offset: 0, base, frames, chunk })),
  );

  for (const [index, [name, , text]] of CASES.entries())
    it(`is refused for it, in whatever pieces it comes: ${name}`, () => {
      for (const frames of cases.slice(2 * index, 2 * index + 2)) {
        const step = traceOf(frames, new ScriptFrameDecoder()).at(-3) ?? 0;
        assert.ok(step >= FIRST_FAULT, `step ${step}`);
        assert.equal(faultText(step), text);
      }
    });

  it("is refused by the decoder in C at the same byte (needs cc)", function () {
    if (!hasCompiler()) return this.skip();
    const program = new NativeProgram();
    try {
      assert.deepEqual(
        program.trace(cases),
        cases.map((one) => traceOf(one, new ScriptFrameDecoder())),
      );
    } finally {
      program.remove();
    }
  });
});
