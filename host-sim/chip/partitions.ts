import { readFileSync } from "node:fs";
import { type Partition, partitionsFromCsv } from "../../modules/esp32-sim/index.js";

const CSV = new URL("../../modules/ota-partition/esp32/partitions.csv", import.meta.url);

/** The partition table that the device build flashes. */
export function devicePartitions(): Partition[] {
  return partitionsFromCsv(readFileSync(CSV, "utf8"));
}
