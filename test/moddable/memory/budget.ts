/** The virtual machine's memory that the project's manifest asks for, and the images it is measured with. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Memory } from "./measured-update.js";

export type { Memory } from "./measured-update.js";

export const SMALL_IMAGE = 256 * 1024;
export const LARGE_IMAGE = 1536 * 1024;

type Manifest = {
  creation: { chunk: { initial: number }; heap: { initial: number }; stack: number };
};

const { creation }: Manifest = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../../manifest.json", import.meta.url)), "utf8"),
);

/** What is there from the start on; a device with memory to spare may grow beyond it, an update must not need to. */
export const DEVICE_BUDGET: Memory = {
  chunks: creation.chunk.initial,
  slots: creation.heap.initial,
  stack: creation.stack,
};

/**
 * What the SDK gives an ESP32-C3: `creation.static` of its board's manifest, for chunks, slots of 16 bytes and stack
 * together. The board divides it as it goes; here it is divided beforehand, which is harder.
 */
export const C3_BYTES = 94_208;
const SLOT_BYTES = 16;

export const C3_BUDGET: Memory = (() => {
  const [slots, stack] = [3720, 480];
  return { chunks: C3_BYTES - SLOT_BYTES * (slots + stack), slots, stack };
})();
