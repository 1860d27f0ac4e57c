/**
 * A process of its own that runs some of the boards: it is sent a {@link FleetSetup}, then words, and answers with
 * {@link FleetState}s.
 */
import { BoardFleet, type FleetSetup } from "./board-fleet.js";

let fleet: BoardFleet | undefined;

async function obey(message: unknown): Promise<void> {
  if (typeof message === "object" && message !== null) fleet = await BoardFleet.create(message as FleetSetup);
  else if (message === "on") await fleet?.powerOn();
  else if (message === "stop") {
    fleet?.powerCut();
    process.disconnect();
    return;
  }
  const { user, system } = process.cpuUsage();
  const state = fleet?.state ?? { ready: 0, updated: 0, faults: [], updatedAt: [] };
  process.send?.({ ...state, cpuSec: (user + system) / 1e6, memoryMiB: process.memoryUsage().rss / 2 ** 20 });
}

process.on("message", (message) => void obey(message));
