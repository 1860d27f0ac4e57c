/** What runs on the engine for engine-cost.ts: images come in as numbers, and nothing of that is measured. */
import { PatchDecoder } from "../../modules/fota-patch/index.js";

const CHUNK = 1460;
const files = new Map<string, Uint8Array>();
let go: () => void = () => {};

Object.assign(globalThis, {
  /** A file of `length` bytes, which come by `take`. */
  expect(name: string, length: number): void {
    files.set(name, new Uint8Array(length));
  },
  take: (name: string, offset: number, numbers: number[]) => files.get(name)?.set(numbers, offset),
  prepare(imageSize: number): void {
    const base = files.get("base");
    const patch = files.get("patch") ?? new Uint8Array(0);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < patch.length; at += CHUNK) chunks.push(patch.subarray(at, at + CHUNK));
    let given = 0;
    const decoder = new PatchDecoder({
      base: base && {
        size: base.length,
        read: (target, byteOffset) => target.set(base.subarray(byteOffset, byteOffset + target.length)),
      },
      imageSize,
      sink: { write: ({ length }) => (given += length) },
    });
    go = () => {
      for (const chunk of chunks) decoder.write(chunk);
      decoder.finish();
      if (given !== imageSize) throw new Error("bytes are missing");
    };
  },
  run: (): void => go(),
});
