/**
 * An ESP32's flash, partition table, otadata, image verification, bootloader and update calls in plain TypeScript. Used
 * by Moddable's simulator and by host-sim.
 *
 * @module
 */
export { type AppDescriptor, buildDescriptor, type DescriptorOptions, readDescriptor } from "./app-descriptor.js";
export { type BootChoice, chooseBoot, searchOrder } from "./boot-choice.js";
export type { BootResult } from "./bootloader.js";
export { type BundleImageOptions, type BundleRecord, buildBundleImage, readBundle } from "./bundle-image.js";
export type { DigestConstructor } from "./digest.js";
export { Esp32SimError, type Esp32SimErrorCode, FlashFault } from "./errors.js";
export { ESP_ERR, espErrorName } from "./esp-err.js";
export { Esp32, type Esp32Options } from "./esp32.js";
export {
  BLOCK_SIZE,
  type ByteStore,
  type FlashDevice,
  FlashMemory,
  MemoryStore,
  SECTOR_SIZE,
  WRITE_CHUNK_SIZE,
} from "./flash-device.js";
export { createFlashImage, type FlashContents, type FlashImageOptions, formatFlash } from "./flash-image.js";
export { buildImage, type ImageHeaderOptions, type ImageOptions, type SegmentSource } from "./image-build.js";
export { type ImageReport, type ImageSource, type VerifyOptions, verifyImage } from "./image-verify.js";
export { OtaApi } from "./ota-api.js";
export { OTA_SIZE_UNKNOWN, OTA_WITH_SEQUENTIAL_WRITES } from "./ota-writer.js";
export {
  activeEntry,
  blankOtaEntry,
  decodeOtaEntry,
  encodeOtaEntry,
  entryCrcOk,
  entryIsBlank,
  entryIsInitial,
  entryIsUnusable,
  entryIsUsable,
  makeOtaEntry,
  nextSeq,
  OTA_ENTRY_SIZE,
  OTA_STATE,
  type OtaEntries,
  type OtaEntry,
  otaCrc,
  otaStateName,
  slotOfSeq,
} from "./otadata.js";
export { partitionsFromCsv } from "./partition-csv.js";
export {
  APP_SUBTYPE,
  buildPartitionTable,
  DATA_SUBTYPE,
  isOtaSlot,
  PARTITION_TABLE_LENGTH,
  PARTITION_TABLE_OFFSET,
  PARTITION_TYPE,
  type Partition,
  type PartitionTableView,
  readPartitionTable,
  slotIndex,
  verifyPartitionTable,
} from "./partition-table.js";
export { MemoryFuse, type SecureVersionFuse } from "./secure-version.js";
export { tearErase, tearWrite } from "./torn-flash.js";
