import assert from "node:assert/strict";
import { type Peers, startPeers } from "../contract/support/peers.js";
import { CONTRACT_GROUPS, type ContractReport } from "../contract/support/report.js";
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

  for (const [group, count] of Object.entries(CONTRACT_GROUPS)) {
    it(`keeps the ${group} contract`, () => {
      assert.equal(report.failures(group), "");
      assert.equal(report.count(group), count, report.names(group));
    });
  }
});
