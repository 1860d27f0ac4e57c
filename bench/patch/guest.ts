/** What runs on the engine for engine-cost.ts: images come in as hexadecimal text, and nothing of that is measured. */
import { PatchDecoder } from "../../modules/fota-patch/index.js";

const CHUNK = 1460;
const parts = new Map<string, number[]>();
let go: () => void = () => {};

function bytesOf(name: string): Uint8Array | undefined {
  const part = parts.get(name);
  return part && Uint8Array.from(part);
}

Object.assign(globalThis, {
  take(name: string, hex: string): void {
    const part = parts.get(name) ?? [];
    for (let at = 0; at < hex.length; at += 2) part.push(Number.parseInt(hex.slice(at, at + 2), 16));
    parts.set(name, part);
  },
  prepare(imageSize: number): void {
    const base = bytesOf("base");
    const patch = bytesOf("patch") ?? new Uint8Array(0);
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
