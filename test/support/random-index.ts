import { seededRandom } from "../../host-sim/board/random.js";

/** Whole numbers from 0 to below `limit`; a seed makes the same ones again. */
export function randomIndex(seed: number): (limit: number) => number {
  const random = seededRandom(seed);
  return (limit) => Math.floor(random() * limit);
}
