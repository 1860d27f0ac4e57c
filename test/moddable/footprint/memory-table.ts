/** What is in use in each phase of an update with the small profile. */
import { SMALL_IMAGE } from "../memory/budget.js";
import type { MemoryBench } from "../memory/measured-update.js";
import type { Rows } from "./page.js";

export const MEMORY_HEADER = ["phase", "chunk bytes", "slots", "stack slots"] as const;

export async function memoryByPhase(bench: MemoryBench): Promise<Rows> {
  const { phases, peaks } = await bench.update({ imageSize: SMALL_IMAGE, live: true, profile: "small" });
  const rows = [...phases, ["highest", peaks] as const];
  return new Map(rows.map(([name, { chunks, slots, stack }]) => [name, [chunks, slots, stack]]));
}
