/**
 * Makes images out of patches by both decoders of frames, and says what each took: a line `patch {...}` for each.
 * `count` patches: base-N.bin, image-N.bin and patch-N.bin; a base of one byte stands for none.
 */

import Resource from "Resource";
import Debug from "debug";
import { type FrameDecoder, PatchDecoder } from "fota-patch/index";
import { nativeFrames } from "fota-patch/native/index";
import { ScriptFrameDecoder } from "fota-patch/script-frame-decoder";
import Instrumentation from "instrumentation";
import config from "mc/config";
import FFI from "mc/ffi";

const CHUNK = 1460;

type Functions = {
  cpu_microseconds(): number;
  flash_read(target: ArrayBuffer, at: number, flash: ArrayBuffer, offset: number, length: number): void;
  flash_compare(bytes: ArrayBuffer, at: number, flash: ArrayBuffer, offset: number, length: number): number;
};
const native = new FFI() as unknown as Functions;

type Instrument = "XS Chunk Heap Used" | "XS Slot Heap Used";
const used = (name: Instrument): number => Instrumentation.get(Instrumentation.map(name)) ?? 0;
const bytesOf = (name: string): Uint8Array => {
  const file = new Resource(name);
  return new Uint8Array(file.slice(0, file.byteLength));
};

function measure(index: number, decoder: string, frames: FrameDecoder): void {
  const base = bytesOf(`base-${index}.bin`);
  const image = bytesOf(`image-${index}.bin`);
  const patch = bytesOf(`patch-${index}.bin`);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < patch.length; at += CHUNK) chunks.push(patch.subarray(at, at + CHUNK));
  let at = 0;
  let reads = 0;
  let wrong = 0;
  const patcher = new PatchDecoder({
    frames,
    base: {
      size: base.length,
      read(target, byteOffset) {
        reads++;
        native.flash_read(
          target.buffer as ArrayBuffer,
          target.byteOffset,
          base.buffer as ArrayBuffer,
          byteOffset,
          target.length,
        );
      },
    },
    imageSize: image.length,
    sink: {
      write(bytes) {
        const { buffer, byteOffset, length } = bytes;
        if (native.flash_compare(buffer as ArrayBuffer, byteOffset, image.buffer as ArrayBuffer, at, length) !== 0)
          wrong++;
        at += length;
      },
    },
  });
  Debug.gc();
  const before = used("XS Chunk Heap Used");
  const slots = used("XS Slot Heap Used");
  const start = native.cpu_microseconds();
  for (const chunk of chunks) patcher.write(chunk);
  patcher.finish();
  const microseconds = native.cpu_microseconds() - start;
  const allocated = used("XS Chunk Heap Used") - before + used("XS Slot Heap Used") - slots;
  if (at !== image.length) wrong++;
  trace(
    `patch ${JSON.stringify({ index, decoder, microseconds, allocated, reads, wrong, image: image.length, patch: patch.length })}\n`,
  );
}

const { count } = config;
for (let index = 0; typeof count === "number" && index < count; index++) {
  measure(index, "script", new ScriptFrameDecoder());
  measure(index, "native", nativeFrames());
}
trace("patches done\n");
