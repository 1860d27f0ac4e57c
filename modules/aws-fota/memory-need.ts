import type { GrowingMemory, MachineMemory } from "../foundation/machine-memory.js";
import { FotaError } from "./errors.js";

/**
 * What a whole update takes at the highest with the options that take least and the least application around it,
 * measured (docs/footprint.md). With less the virtual machine gives up in mid-update, which restarts a board, over and
 * over. `creation` of this module's manifest gives more: for other options, and for what the application does itself.
 */
export const LEAST_MEMORY = Object.freeze({
  /** Slots. */
  stack: 480,
  /** Slots. */
  heap: 3664,
  /** Bytes. */
  chunk: 26_624,
});

const SLOT_BYTES = 16; // of the ESP32

/** Why no update can pass in this memory, and where more is given; `undefined`: it can, or nobody knows. */
export function memoryShortage(memory: MachineMemory | undefined): FotaError | undefined {
  if (memory === undefined) return undefined;
  const { stack, heap, chunk } = LEAST_MEMORY;
  const least = chunk + (heap + stack) * SLOT_BYTES;
  const short = [
    ...(memory.stack < stack ? [`stack ${memory.stack}, at least ${stack}`] : []),
    ...tooSmall("heap.initial", memory.heap, heap),
    ...tooSmall("chunk.initial", memory.chunk, chunk),
    ...(memory.static > 0 && memory.static < least ? [`static ${memory.static}, 0 or at least ${least}`] : []),
  ];
  return short.length === 0
    ? undefined
    : new FotaError("memory-short", `"creation" in the application's manifest: ${short.join("; ")}`);
}

function tooSmall(name: string, memory: GrowingMemory, least: number): string[] {
  return memory.initial < least && memory.incremental <= 0 ? [`${name} ${memory.initial}, at least ${least}`] : [];
}
