/** Runs the contract's programs as the firmware of a simulated board on this computer's network. */
import { createBoard, RealClock } from "../../../host-sim/board/index.js";
import { LoopbackNetwork, SIMULATOR_WINDOW } from "../../../host-sim/board/network/index.js";
import type { EngineName } from "../../../host-sim/engines/index.js";
import { imageOf } from "../../../host-sim/image/index.js";
import { dnsAnswer } from "./dns-peer.js";
import { contractFirmware } from "./guest-bundles.js";
import type { ContractSettings } from "./peers.js";
import { ContractReport } from "./report.js";

export async function runOnBoard(
  engine: EngineName,
  peers: ContractSettings,
  timeoutMs: number,
  clockSet = true,
): Promise<ContractReport> {
  const firmware = {
    program: await contractFirmware(),
    resources: peers.certificates.resources,
    config: peers.config,
    ffi: [],
  };
  const report = new ContractReport();
  const board = await createBoard({
    engine,
    image: imageOf(firmware, { version: "1.0.0", project: "contract" }),
    clock: new RealClock(),
    clockSet,
    network: new LoopbackNetwork({ window: SIMULATOR_WINDOW, dns: dnsAnswer }),
    maxBoots: 1,
    onEvent: (event) => {
      if (event.type === "trace") for (const line of event.text.split("\n")) report.takeLine(line);
      if (event.type === "reset") report.others.push(`the board was reset (${event.reason}): ${event.message ?? ""}`);
    },
  });
  board.powerOn();
  const end = Date.now() + timeoutMs;
  while (!report.complete && board.state !== "stuck" && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  board.powerCut();
  return report;
}
