import type { Board, BoardEvent } from "../board/index.js";
import { flashMap } from "./flash-map.js";

/** A board's life as lines: boots with the flash map, what the firmware traces, resets. */
export function boardLines(event: BoardEvent, board: Board): string[] {
  switch (event.type) {
    case "power-on":
      return ["power on"];
    case "power-cut":
      return ["power cut"];
    case "trace":
      return [event.text];
    case "reset":
      return [`reset: ${event.reason}${event.message === undefined ? "" : ` (${event.message})`}`];
    case "boot-loop":
      return [`no way out of ${event.boots} boots: the board stops`];
    case "boot": {
      const title =
        event.result.outcome === "app"
          ? `boot ${event.number} (${event.reason}): ${event.result.label} ${event.version ?? "?"}`
          : `boot ${event.number} (${event.reason}): nothing boots, ${event.result.reason}`;
      return [
        title,
        ...event.result.steps.map((step) => `  bootloader: ${step}`),
        ...flashMap(board.chip).map((line) => `  ${line}`),
      ];
    }
  }
}
