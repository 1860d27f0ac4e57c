import {
  type Esp32,
  isOtaSlot,
  type OtaEntry,
  otaCrc,
  otaStateName,
  type Partition,
} from "../../modules/esp32-sim/index.js";

const hex = (value: number) => `0x${value.toString(16).padStart(6, "0")}`;

const sizeText = (bytes: number) => (bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} B`);

/** What an update slot holds. */
export function slotContents(chip: Esp32, slot: Partition): string {
  const report = chip.imageReport(slot);
  if (report.error !== 0) return report.reason === undefined ? "no valid image" : `no valid image (${report.reason})`;
  const descriptor = chip.describe(slot);
  return `${descriptor?.project ?? "?"} ${descriptor?.version ?? "?"}, ${report.length} bytes`;
}

/** An entry of otadata. */
export function entryText({ seq, state, crc }: OtaEntry): string {
  if (seq === 0xffffffff) return "blank";
  return `sequence ${seq} ${otaStateName(state)}${crc === otaCrc(seq) ? "" : " (wrong CRC)"}`;
}

/** The flash as lines for a reader: partitions, what the slots hold, both otadata entries. */
export function flashMap(chip: Esp32): string[] {
  const running = chip.running?.label;
  const partitions = chip.partitions.map((partition) => {
    const place = `${hex(partition.offset)}  ${sizeText(partition.size).padStart(8)}  ${partition.label.padEnd(9)}`;
    if (!isOtaSlot(partition)) return place.trimEnd();
    return `${place} ${partition.label === running ? ">" : " "} ${slotContents(chip, partition)}`;
  });
  const [first, second] = chip.otadata();
  return [...partitions, `otadata   entry 0: ${entryText(first)}   entry 1: ${entryText(second)}`];
}
