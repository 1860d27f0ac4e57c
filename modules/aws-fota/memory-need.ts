import type { GrowingMemory, MachineMemory } from "../foundation/machine-memory.js";
import { FotaError } from "./errors.js";
import type { FotaProfile } from "./options.js";

/**
 * What a whole update takes at the highest with the least application around it, measured (docs/footprint.md). With
 * less the virtual machine gives up in mid-update, which restarts a board, over and over. `creation` of this module's
 * manifest gives more, for what the application does itself.
 */
export const LEAST_MEMORY = Object.freeze({
  /** Slots. */
  stack: 480,
  /** Slots. */
  heap: 3776,
  /** Bytes. */
  chunk: 53_248,
});

/**
 * With the profile "small". Not more than the SDK gives an ESP32-C3, 94,208 bytes together: in the simulator, whose
 * heap holds more than a board's, a fixed heap of that size is just too small at the handshake of the download.
 */
export const LEAST_SMALL_MEMORY = Object.freeze({ stack: 480, heap: 3712, chunk: 24_128 });

const SLOT_BYTES = 16; // of the ESP32

/** Why no update can pass in this memory, and where more is given; `undefined`: it can, or nobody knows. */
export function memoryShortage(memory: MachineMemory | undefined, profile?: FotaProfile): FotaError | undefined {
  if (memory === undefined) return undefined;
  const { stack, heap, chunk } = profile === "small" ? LEAST_SMALL_MEMORY : LEAST_MEMORY;
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
