/** The virtual machine's memory that the library's manifest asks for, and the images it is measured with. */
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
  readFileSync(fileURLToPath(new URL("../../../modules/aws-fota/manifest.json", import.meta.url)), "utf8"),
);

/** What is there from the start on; a device with memory to spare may grow beyond it, an update must not need to. */
export const DEVICE_BUDGET: Memory = {
  chunks: creation.chunk.initial,
  slots: creation.heap.initial,
  stack: creation.stack,
};
