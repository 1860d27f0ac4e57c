/** A new image out of the running one and a patch, as docs/patch-format.md describes it. @module */
export { FOTA_PATCH_RETRY, FotaPatchError, type FotaPatchErrorCode } from "./errors.js";
export { FRAME_LENGTH, type FrameDecoder } from "./frame-step.js";
export {
  type PatchBase,
  PatchDecoder,
  type PatchDecoderOptions,
  type PatchFrame,
  type PatchSink,
} from "./patch-decoder.js";
export { PATCH_HEADER_LENGTH, type PatchHeader, readPatchHeader } from "./patch-header.js";
