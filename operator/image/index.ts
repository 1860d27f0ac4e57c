/** ESP-IDF's images and partition tables, as far as an operator has to know them. */
export { chipNames, isChipName } from "./chips.js";
export { type ImageCode, type ImageFacts, readImageFacts } from "./image-facts.js";
export { readSlots, type Slot, smallestSlot } from "./slots.js";
