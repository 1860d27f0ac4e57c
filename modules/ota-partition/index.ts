/**
 * The slots of an ESP32: judging an image, writing it resumably, reading it back, and the boot flag as an interface.
 * @module
 */
export type { BootControl, ImageState, NextSlot, RunningSlot, SlotFlash, SlotReader } from "./boot-control.js";
export { ageInDays, buildTimeOf } from "./build-time.js";
export { OTA_PARTITION_RETRY, OtaPartitionError, type OtaPartitionErrorCode } from "./errors.js";
export { type DigestSink, ImageCheck } from "./image-check.js";
export { IMAGE_INFO_LENGTH, type ImageInfo, type ImageTarget, readImageInfo } from "./image-header.js";
export { RESET_CAUSES, type ResetCause, type ResetReason } from "./reset-reason.js";
export { SlotDigest, type SlotDigestOptions } from "./slot-digest.js";
export { SlotVerifier, type SlotVerifierOptions, type VerifiedImage } from "./slot-verifier.js";
export { SlotWriter, type SlotWriterOptions } from "./slot-writer.js";
export { BLOCK_LENGTH, type EraseRange, eraseGoal, nextErase, SECTOR_LENGTH } from "./write-plan.js";
export { writtenPart } from "./written-part.js";
