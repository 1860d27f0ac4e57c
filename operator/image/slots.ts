import { usage } from "../failure/index.js";

/**
 * Partition tables as ESP-IDF has them: text for the build, records of 32 bytes for the chip. [ESP-IDF: Partition
 * Tables]
 */
const RECORD_BYTES = 32;
const RECORD_MAGIC = 0x50aa;
const APP = 0x00;
const OTA_0 = 0x10;
const OTA_15 = 0x1f;
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 * 1024 };

/** A place for an image. */
export type Slot = { readonly name: string; readonly size: number };

/**
 * The OTA slots of a partition table, text or binary.
 * @param name how messages call the file
 * @throws FotaError "usage" for what is no table, or has not two slots
 */
export function readSlots(file: Uint8Array, name: string): readonly Slot[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isBinary = file.length >= RECORD_BYTES && view.getUint16(0, true) === RECORD_MAGIC;
  const slots = isBinary ? slotsOfRecords(view) : slotsOfText(Buffer.from(file).toString("utf8"), name);
  if (slots.length < 2) throw usage(`${name}: a table with ${slots.length} OTA slots; an update needs two`);
  return slots;
}

/** What fits every device with this table. */
export function smallestSlot(slots: readonly Slot[]): number {
  return Math.min(...slots.map(({ size }) => size));
}

function slotsOfRecords(view: DataView): Slot[] {
  const slots: Slot[] = [];
  for (let at = 0; at + RECORD_BYTES <= view.byteLength; at += RECORD_BYTES) {
    if (view.getUint16(at, true) !== RECORD_MAGIC) break;
    const subtype = view.getUint8(at + 3);
    if (view.getUint8(at + 2) === APP && subtype >= OTA_0 && subtype <= OTA_15)
      slots.push({ name: `ota_${subtype - OTA_0}`, size: view.getUint32(at + 8, true) });
  }
  return slots;
}

function slotsOfText(text: string, name: string): Slot[] {
  return text.split("\n").flatMap((line) => {
    const [, type, subtype = "", , size = ""] = line
      .replace(/#.*/, "")
      .split(",")
      .map((cell) => cell.trim());
    if ((type !== "app" && type !== "0" && type !== "0x00") || !/^ota_\d+$/.test(subtype)) return [];
    return [{ name: subtype, size: bytesOf(size, `${name}: ${subtype}`) }];
  });
}

function bytesOf(text: string, what: string): number {
  const [, number, unit = ""] = /^(0x[0-9a-f]+|\d+)([KM]?)$/i.exec(text) ?? [];
  if (number === undefined) throw usage(`${what} has no size: ${JSON.stringify(text)}`);
  return Number(number) * (UNITS[unit.toUpperCase()] ?? 1);
}
