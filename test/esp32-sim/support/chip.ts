import {
  buildBundleImage,
  createFlashImage,
  Esp32,
  type Esp32Options,
  encodeOtaEntry,
  FlashMemory,
  MemoryStore,
  makeOtaEntry,
  OTA_STATE,
  type OtaEntry,
  otaStateName,
  partitionsFromCsv,
} from "../../../modules/esp32-sim/index.js";
import { NodeDigest } from "./node-digest.js";

/** Small layouts: an image test needs slots, not megabytes. */
export const TWO_SLOTS = `
nvs,     data, nvs,   , 0x4000
otadata, data, ota,   , 0x2000
ota_0,   app,  ota_0, , 0x10000
ota_1,   app,  ota_1, , 0x10000
`;
export const FACTORY_AND_TWO_SLOTS = `${TWO_SLOTS.replace("ota_0,   app", "factory, app, factory, , 0x10000\nota_0,   app")}`;
export const OTADATA_OFFSET = 0xd000;
export const FLASH_SIZE = 0x100000;

/** Smallest image that says who it is. */
export function imageOf(version: string, project = "chip-test"): Uint8Array {
  return buildBundleImage({ bundle: new Uint8Array([1, 2, 3]), version, project, Digest: NodeDigest });
}

/** "3 ABORTED", "1 VALID bad", "1 5" or "blank" to an entry. */
export function entryOf(text: string): OtaEntry | undefined {
  if (text === "blank") return undefined;
  const [seq = "", state = "", bad] = text.split(" ");
  const known: Readonly<Record<string, number>> = { ...OTA_STATE, PENDING: OTA_STATE.PENDING_VERIFY };
  const entry = makeOtaEntry(Number(seq), known[state] ?? Number(state));
  return bad ? { ...entry, crc: (entry.crc ^ 0x40) >>> 0 } : entry;
}

/** The reverse of `entryOf`. */
export function entryText(entry: OtaEntry): string {
  if (entry.seq === 0xffffffff && entry.crc === 0xffffffff) return "blank";
  const good = makeOtaEntry(entry.seq, entry.state).crc === entry.crc;
  return `${entry.seq} ${otaStateName(entry.state).replace("PENDING_VERIFY", "PENDING").replace("state ", "")}${good ? "" : " bad"}`;
}

export type Chip = {
  esp32: Esp32;
  memory: FlashMemory;
  store: MemoryStore;
  entries(): [string, string];
  writes(): number;
};

export type ChipOptions = Omit<Partial<Esp32Options>, "Digest"> & {
  csv?: string;
  entries?: readonly [string, string];
  images?: Readonly<Record<string, Uint8Array>>;
  md5?: boolean;
};

/** A chip with the given slots and otadata, not yet booted. `writes` counts the flash effects so far. */
export function chipWith(options: ChipOptions = {}): Chip {
  const { csv = TWO_SLOTS, entries = ["blank", "blank"], images = {}, md5 = true, ...settings } = options;
  const partitions = partitionsFromCsv(csv);
  const store = new MemoryStore(createFlashImage({ size: FLASH_SIZE, partitions, images, md5, Digest: NodeDigest }));
  const memory = new FlashMemory(store);
  let effects = 0;
  const counted = {
    size: memory.size,
    read: (offset: number, length: number) => memory.read(offset, length),
    write: (offset: number, bytes: Uint8Array) => {
      effects += 1;
      memory.write(offset, bytes);
    },
    erase: (offset: number, length: number) => {
      effects += 1;
      memory.erase(offset, length);
    },
  };
  entries.forEach((text, index) => {
    const entry = entryOf(text);
    if (entry) memory.load(OTADATA_OFFSET + index * 0x1000, encodeOtaEntry(entry));
  });
  const esp32 = new Esp32({ flash: counted, Digest: NodeDigest, ...settings });
  const read = (index: number): string => {
    const bytes = memory.read(OTADATA_OFFSET + index * 0x1000, 32);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
    return entryText({
      seq: view.getUint32(0, true),
      label: bytes.slice(4, 24),
      state: view.getUint32(24, true),
      crc: view.getUint32(28, true),
    });
  };
  return { esp32, memory, store, entries: () => [read(0), read(1)], writes: () => effects };
}
