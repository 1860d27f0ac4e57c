import type { Program } from "./harness.js";
import { Time, text } from "./sdk.js";

export const globalsContract: readonly Program[] = [
  {
    name: "globals: text and bytes convert as UTF-8",
    run(check) {
      check.equal(
        text.encode("a\u00e9\u20ac\u{1f600}"),
        Uint8Array.of(97, 195, 169, 226, 130, 172, 240, 159, 152, 128).buffer,
        "bytes",
      );
      check.equal(text.decode(text.encode("a\u00e9\u20ac\u{1f600}")), "a\u00e9\u20ac\u{1f600}", "text");
      check.done();
    },
  },
  {
    name: "globals: String.fromArrayBuffer refuses views and bytes that are not UTF-8",
    run(check) {
      check.throws(() => text.decode(Uint8Array.of(97)), "TypeError", undefined, "view");
      for (const bytes of [[0xc3], [0xff], [0xe2, 0x82], [0x80]]) {
        check.throws(() => text.decode(Uint8Array.from(bytes).buffer), "TypeError", undefined, bytes.join(","));
      }
      check.done();
    },
  },
  {
    name: "globals: ArrayBuffer.prototype.concat joins buffers, not views",
    run(check) {
      const first = Uint8Array.of(1, 2).buffer as ArrayBuffer & { concat(...others: unknown[]): ArrayBuffer };
      check.equal(first.concat(Uint8Array.of(3).buffer), Uint8Array.of(1, 2, 3).buffer, "joined");
      check.throws(() => first.concat(Uint8Array.of(3)), "TypeError", undefined, "view");
      check.done();
    },
  },
  {
    name: "globals: Object.freeze with true reaches inner objects",
    run(check) {
      const value = { inner: { list: [1] } };
      (Object.freeze as (object: object, deep: boolean) => object)(value, true);
      check.ok(Object.isFrozen(value.inner.list), "inner list is frozen");
      check.done();
    },
  },
  {
    name: "globals: Time.delta counts milliseconds",
    run(check) {
      const start = Time.ticks;
      check.equal(Time.delta(start, start + 5), 5, "given end");
      check.done();
    },
  },
];
