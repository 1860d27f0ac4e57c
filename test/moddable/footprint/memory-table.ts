/** What is in use in each phase of an update, with and without the small profile. */
import { SMALL_IMAGE } from "../memory/budget.js";
import type { MemoryBench } from "../memory/measured-update.js";
import type { Rows } from "./page.js";

export const MEMORY_HEADER = [
  "phase",
  "chunk bytes",
  "slots",
  "stack slots",
  "small: chunk bytes",
  "small: slots",
  "small: stack slots",
] as const;

export async function memoryByPhase(bench: MemoryBench): Promise<Rows> {
  const usual = await bench.update({ imageSize: SMALL_IMAGE, live: true });
  const small = await bench.update({ imageSize: SMALL_IMAGE, live: true, profile: "small" });
  const rows = new Map<string, number[]>();
  for (const [name, found] of [...usual.phases, ["highest", usual.peaks] as const]) {
    const other = name === "highest" ? small.peaks : small.phases.get(name);
    const cells = [found, other].flatMap((peaks) =>
      peaks === undefined ? [] : [peaks.chunks, peaks.slots, peaks.stack],
    );
    rows.set(name, cells);
  }
  return rows;
}
