/** The native decoder of patches, for applications that include this folder's manifest. @module */
import FFI from "mc/ffi";
import type { FrameDecoder } from "../frame-step.js";
import { type FotaPatchFunctions, NativeFrameDecoder } from "./native-frame-decoder.js";

/** A decoder of frames in C, for the option `frames` of `PatchDecoder`. */
export function nativeFrames(): FrameDecoder {
  // The functions are own properties that the build generates from the manifest's `ffi` section, in this very form.
  return new NativeFrameDecoder(new FFI() as unknown as FotaPatchFunctions);
}
