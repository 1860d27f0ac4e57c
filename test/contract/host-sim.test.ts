import assert from "node:assert/strict";
import { type EngineName, xsAvailable } from "../../host-sim/engines/index.js";
import { runOnBoard } from "./support/contract-board.js";
import { type Peers, startPeers } from "./support/peers.js";
import { CLOCK_1970_PROGRAMS, CONTRACT_GROUPS, type ContractReport, programsOf } from "./support/report.js";

const RUN_MS = 50_000;

const TITLES: Readonly<Record<EngineName, string>> = {
  node: "engine Node",
  xs: "engine XS (needs @agoric/xsnap built)",
};

for (const engine of ["node", "xs"] as const) {
  describe(`the SDK's contract on host-sim's ports, ${TITLES[engine]}`, () => {
    let peers: Peers;
    let report: ContractReport;

    before(async function () {
      const availability = engine === "xs" ? xsAvailable() : { available: true };
      if (!availability.available) {
        this.skip();
      }
      peers = await startPeers();
      report = await runOnBoard(engine, peers, RUN_MS);
    });

    after(() => peers?.close());

    it("comes to its end", () => {
      assert.ok(report.complete, report.others.slice(-20).join("\n"));
    });

    it("refuses every TLS server while the clock was never set", async () => {
      const { group, count } = CLOCK_1970_PROGRAMS;
      const run = await runOnBoard(engine, { ...peers, config: { ...peers.config, group } }, RUN_MS, false);
      assert.equal(run.failures(group), "");
      assert.equal(run.count(group), count, run.names(group));
    });

    for (const group of Object.keys(CONTRACT_GROUPS)) {
      it(`keeps the ${group} contract`, () => {
        assert.equal(report.failures(group), "");
        assert.equal(report.count(group), programsOf(group, peers), report.names(group));
      });
    }
  });
}
