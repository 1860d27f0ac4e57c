/** Names of chips by the number in an image's header. [ESP-IDF: esp_chip_id_t] */
const CHIPS: ReadonlyMap<number, string> = new Map([
  [0x0000, "esp32"],
  [0x0002, "esp32s2"],
  [0x0005, "esp32c3"],
  [0x0009, "esp32s3"],
  [0x000c, "esp32c2"],
  [0x000d, "esp32c6"],
  [0x0010, "esp32h2"],
  [0x0012, "esp32p4"],
  [0x0014, "esp32c61"],
  [0x0017, "esp32c5"],
  [0x0019, "esp32h21"],
  [0x001c, "esp32h4"],
]);

/** The chip's name as ESP-IDF's tools write it; `chip 0x...` for one that is not known here. */
export function chipName(id: number): string {
  return CHIPS.get(id) ?? `chip 0x${id.toString(16)}`;
}

/** Whether it is a name that images can have. */
export function isChipName(name: string): boolean {
  return [...CHIPS.values()].includes(name);
}

export function chipNames(): readonly string[] {
  return [...CHIPS.values()];
}
