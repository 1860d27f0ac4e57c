import type { BoardEvent } from "../board/index.js";
import { seededRandom } from "../board/random.js";
import type { EngineName } from "../engines/index.js";
import type { VirtualWorld } from "../world/virtual-world.js";
import { SoakBoard, type UpdateReport } from "./soak-board.js";
import { SoakImages } from "./soak-images.js";
import { planUpdate } from "./soak-plan.js";
import { type SoakSummary, summaryOf } from "./soak-report.js";

/** How a soak is run. */
export type SoakRequest = {
  readonly updates: number;
  readonly seed: number;
  readonly engine: EngineName;
  /** After each update. */
  readonly onUpdate?: (report: UpdateReport) => void;
  /** What the board says. */
  readonly onEvent?: (event: BoardEvent, board: VirtualWorld["board"]) => void;
};

/** All updates of a soak, and what came of them. Ends early only when the board is stuck. */
export async function soak({ updates, seed, engine, onUpdate, onEvent }: SoakRequest): Promise<SoakSummary> {
  const images = await SoakImages.create();
  const board = await SoakBoard.create({ images, engine, seed, ...(onEvent === undefined ? {} : { onEvent }) });
  try {
    const random = seededRandom(seed);
    const idle = board.rest();
    const reports: UpdateReport[] = [];
    while (idle !== undefined && reports.length < updates) {
      const report = board.update(planUpdate(reports.length + 1, random));
      reports.push(report);
      onUpdate?.(report);
      if (report.holdings === undefined) break;
    }
    return summaryOf(idle, reports);
  } finally {
    board.close();
  }
}
