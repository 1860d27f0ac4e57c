import { OtaPartitionError } from "./errors.js";

type AddressRange = readonly [start: number, end: number];

/** Where the segments of an image may go on a chip. Ends are exclusive. */
type ChipMemory = {
  /** Flash that is mapped, not copied. */
  readonly mapped: readonly AddressRange[];
  /** Memory that the bootloader copies segments into. */
  readonly loaded: readonly AddressRange[];
  /**
   * What it needs itself while it copies: its loader, its data, and its stack with the head room it keeps, under each
   * address that leads there. Outer limits, those of its linker script.
   */
  readonly bootloader: readonly AddressRange[];
  /** The page of flash that is mapped at once can be chosen; the descriptor says which. Else 64 KiB. */
  readonly pageIsChosen?: true;
};

/** Frozen at every level, so that preload can put the tables into ROM. */
function range(start: number, end: number): AddressRange {
  return Object.freeze([start, end] as const);
}

function chip(memory: ChipMemory): ChipMemory {
  const { mapped, loaded, bootloader } = memory;
  return Object.freeze({
    ...memory,
    mapped: Object.freeze([...mapped]),
    loaded: Object.freeze([...loaded]),
    bootloader: Object.freeze([...bootloader]),
  });
}

/**
 * The chips of the SDK by the id in an image's header. On the ESP32 what lies between the bootloader's stack and data
 * is refused as well: its other address is no IRAM. [ESP-IDF v6.0: soc.h, bootloader.ld, verify_load_addresses]
 */
const CHIPS: Readonly<Record<number, ChipMemory>> = Object.freeze({
  // ESP32
  0: chip({
    mapped: [range(0x3f400000, 0x3f800000), range(0x400d0000, 0x40400000)],
    loaded: [
      range(0x3ffae000, 0x40000000),
      range(0x40080000, 0x400aa000),
      range(0x400c0000, 0x400c2000),
      range(0x3ff80000, 0x3ff82000),
      range(0x50000000, 0x50002000),
    ],
    bootloader: [range(0x3ffdbf20, 0x3fff6000)],
  }),
  // ESP32-S2
  2: chip({
    mapped: [range(0x3f000000, 0x3ff80000), range(0x40080000, 0x40800000)],
    loaded: [
      range(0x3ffb0000, 0x40000000),
      range(0x40020000, 0x40070000),
      range(0x40070000, 0x40072000),
      range(0x3ff9e000, 0x3ffa0000),
      range(0x50000000, 0x50002000),
    ],
    bootloader: [
      range(0x3ffde000, 0x3ffeab00),
      range(0x3fff670c, 0x3fffe70c),
      range(0x4004e000, 0x4005ab00),
      range(0x4006670c, 0x4006e70c),
    ],
  }),
  // ESP32-C3
  5: chip({
    mapped: [range(0x3c000000, 0x3c800000), range(0x42000000, 0x42800000)],
    loaded: [range(0x3fc80000, 0x3fce0000), range(0x4037c000, 0x403e0000), range(0x50000000, 0x50002000)],
    bootloader: [range(0x3fcce710, 0x3fcde710), range(0x403ce710, 0x403de710)],
  }),
  // ESP32-S3
  9: chip({
    mapped: [range(0x3c000000, 0x3e000000), range(0x42000000, 0x44000000)],
    loaded: [
      range(0x3fc88000, 0x3fd00000),
      range(0x40370000, 0x403e0000),
      range(0x600fe000, 0x60100000),
      range(0x50000000, 0x50002000),
    ],
    bootloader: [range(0x3fcdb700, 0x3fceb710), range(0x403cb700, 0x403db710)],
  }),
  // ESP32-C6
  13: chip({
    mapped: [range(0x42000000, 0x43000000)],
    loaded: [range(0x40800000, 0x40880000), range(0x50000000, 0x50004000)],
    bootloader: [range(0x4086e610, 0x4087e610)],
    pageIsChosen: true,
  }),
  // ESP32-H2
  16: chip({
    mapped: [range(0x42000000, 0x43000000)],
    loaded: [range(0x40800000, 0x40850000), range(0x50000000, 0x50001000)],
    bootloader: [range(0x4083efd0, 0x4084f380)],
    pageIsChosen: true,
  }),
});

/** Below: padding, whatever it holds. [ESP-IDF should_load] */
const PADDING_END = 0x10000000;
const WORD = 4;
const PAGE = 0x10000;
/** Where the first segment's descriptor has the logarithm of the page, from the image's start. [esp_app_desc_t] */
const PAGE_OFFSET = 0xd4;
const LARGEST_PAGE_LOG = 16;

/** What decides where segments may go; `undefined` for a chip that this library does not know. */
export type SegmentPlaces = { readonly memory: ChipMemory; readonly page: number | undefined };

/** @param head the image's first 288 bytes */
export function segmentPlaces(chipId: number, head: Uint8Array): SegmentPlaces | undefined {
  const memory = CHIPS[chipId];
  if (memory === undefined) return undefined;
  if (memory.pageIsChosen !== true) return { memory, page: PAGE };
  const log = head[PAGE_OFFSET] ?? 0;
  // 0: the page that the bootloader was built for, which nobody tells.
  if (log === 0) return { memory, page: undefined };
  if (log > LARGEST_PAGE_LOG) throw new OtaPartitionError("image-structure", `image claims pages of 2^${log} bytes`);
  return { memory, page: 2 ** log };
}

/**
 * ESP-IDF's own check before setting the boot flag passes a segment that goes where the bootloader cannot copy it; the
 * bootloader then refuses the image, or does not survive it.
 * @throws OtaPartitionError "image-structure"
 */
export function checkPlace(places: SegmentPlaces, address: number, length: number, dataOffset: number): void {
  const { mapped, loaded, bootloader } = places.memory;
  const end = address + length;
  const wrong = (what: string) => new OtaPartitionError("image-structure", `segment at ${dataOffset} ${what}`);
  if (mapped.some(([from, to]) => address >= from && address < to)) {
    if (places.page !== undefined && (dataOffset - address) % places.page !== 0)
      throw wrong("cannot be mapped to its address");
    return;
  }
  if (address < PADDING_END || length === 0) return;
  if (!loaded.some(([from, to]) => address >= from && end <= to)) throw wrong("goes to no memory of the chip");
  if (bootloader.some(([from, to]) => address < to && end > from)) throw wrong("goes where the bootloader runs");
  if (address % WORD !== 0) throw wrong("begins within a word");
}
