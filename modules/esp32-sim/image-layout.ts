import { Esp32SimError } from "./errors.js";

/** Numbers of the ESP32 application image format. [ESP-IDF esp_app_format.h, esp_image_format.h] */

export const IMAGE_MAGIC = 0xe9;
export const IMAGE_HEADER_LENGTH = 24;
export const SEGMENT_HEADER_LENGTH = 8;
export const MAX_SEGMENTS = 16;
/** Segment lengths and partition sizes reach at most this. */
export const MAX_FLASH_ADDRESS = 0x1000000;
export const CHECKSUM_START = 0xef;
export const DIGEST_LENGTH = 32;
export const DESCRIPTOR_LENGTH = 256;
export const DESCRIPTOR_MAGIC = 0xabcd5432;
/** File offset of the descriptor: after the image header and the first segment's header. */
export const DESCRIPTOR_OFFSET = 32;
/** Flash address and load address of a mapped segment agree modulo this. */
export const MMU_PAGE = 0x10000;

export type AddressRange = readonly [start: number, end: number];

/** A range that preload can put into ROM: tables are frozen at every level. */
function range(start: number, end: number): AddressRange {
  return Object.freeze([start, end] as const);
}

export const DROM = range(0x3f400000, 0x3f800000);
export const IROM = range(0x400d0000, 0x40400000);
const DRAM = range(0x3ffae000, 0x40000000);
const IRAM = range(0x40080000, 0x400aa000);
const RTC: readonly AddressRange[] = Object.freeze([
  range(0x400c0000, 0x400c2000),
  range(0x3ff80000, 0x3ff82000),
  range(0x50000000, 0x50002000),
]);
/**
 * Memory that the bootloader refuses to load into: its stack with 32 KiB of head room below, its static data, and what
 * lies between, which has no place in IRAM under its other address; by the way that is computed, the last word has. The
 * stack pointer decides the exact lower limit. [verify_load_addresses]
 */
const BOOTLOADER_MEMORY = range(0x3ffdbf20, 0x3fff5ffc);
/** Segments below are padding, whatever they hold. */
const LOWEST_LOADED = 0x10000000;

function within(start: number, end: number, place: AddressRange): boolean {
  return start >= place[0] && end <= place[1];
}

/** True for flash that is mapped, not copied: DROM and IROM. */
export function isMapped(address: number): boolean {
  return (address >= DROM[0] && address < DROM[1]) || (address >= IROM[0] && address < IROM[1]);
}

/** True when the bootloader copies a segment of this address into memory. */
export function isLoaded(address: number): boolean {
  return !isMapped(address) && address >= LOWEST_LOADED;
}

/** Addresses are signed numbers to the bootloader: this is the lowest of them. */
const SIGN_CHANGES = 0x80000000;

/**
 * The bootloader's reason to refuse copying a segment to this place, or undefined.
 * @throws Esp32SimError "assertion" where it ends with a reset instead: a segment whose end seems to lie before its
 * start, or words that IRAM cannot take
 */
export function loadConflict(address: number, length: number): string | undefined {
  if (length === 0) return undefined;
  const end = address + length;
  if (address < SIGN_CHANGES && end >= SIGN_CHANGES) {
    throw new Esp32SimError("assertion", "a segment reaches over 0x80000000");
  }
  if (within(address, end, DRAM)) {
    const overlap = address < BOOTLOADER_MEMORY[1] && end > BOOTLOADER_MEMORY[0];
    return overlap ? "segment overlaps the bootloader's memory" : undefined;
  }
  if (within(address, end, IRAM)) {
    if (address % 4 !== 0) throw new Esp32SimError("assertion", "a segment in IRAM begins within a word");
    return undefined;
  }
  return RTC.some((place) => within(address, end, place)) ? undefined : "segment is outside the memory of the chip";
}
