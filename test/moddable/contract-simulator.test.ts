import assert from "node:assert/strict";
import { type Peers, startPeers } from "../contract/support/peers.js";
import { CLOCK_1970_PROGRAMS, CONTRACT_GROUPS, type ContractReport, programsOf } from "../contract/support/report.js";
import { runInSimulator } from "./contract-app.js";
import { findSdk } from "./sdk.js";

const RUN_MS = 180_000;
const BUILD_AND_RUN_MS = 900_000;

describe("the SDK's contract on the SDK's own classes (needs the Moddable SDK: MODDABLE, mcconfig, xvfb-run)", () => {
  let peers: Peers;
  let report: ContractReport;

  before(async function () {
    const found = findSdk();
    if (!found.available) {
      this.skip();
      return;
    }
    this.timeout(BUILD_AND_RUN_MS);
    peers = await startPeers();
    report = await runInSimulator(found.sdk, peers, RUN_MS);
  });

  after(() => peers?.close());

  it("comes to its end", () => {
    assert.ok(report.complete, report.others.slice(-20).join("\n"));
  });

  it("refuses every TLS server while the clock was never set", async function () {
    this.timeout(BUILD_AND_RUN_MS);
    const found = findSdk();
    assert.ok(found.available);
    const { group, count } = CLOCK_1970_PROGRAMS;
    const run = await runInSimulator(found.sdk, { ...peers, config: { ...peers.config, group } }, RUN_MS, false);
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
