import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLEET_GROUP, fleetThing, makeHistory } from "../../../host-sim/cloud/history/index.js";
import { type LocalAws, startLocalAws } from "../../../host-sim/cloud/server/local-aws.js";
import { statusOf } from "../support/local-aws.js";

describe("a cloud with a past", function () {
  this.timeout(30_000);
  let dir: string;
  let cloud: LocalAws;
  before(async () => {
    dir = join(mkdtempSync(join(tmpdir(), "aws-fota-history-")), "cloud");
    makeHistory(dir, { things: 60, jobs: 3, region: "eu-west-1" });
    cloud = await startLocalAws({ dir, switches: { region: "eu-west-1" } });
  });
  after(async () => {
    await cloud.close();
    rmSync(join(dir, ".."), { recursive: true, force: true });
  });

  async function ask(service: "iot" | "iotdata", target: string): Promise<Record<string, unknown>> {
    const { status, text } = await cloud.operator.send({ service, method: "GET", target });
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  it("has its things in a group, and an execution of each job for each of them", async () => {
    const { things } = await ask("iot", `/thing-groups/${FLEET_GROUP}/things`);
    assert.deepEqual(
      things,
      Array.from({ length: 60 }, (_, index) => fleetThing(index)),
    );
    const { jobs } = await ask("iot", "/jobs");
    assert.match(JSON.stringify(jobs), /^\[\{"jobArn":"arn:aws:iot:eu-west-1:[^[]*"status":"COMPLETED"/);
    for (const job of ["update-1", "update-2", "update-3"])
      assert.equal(statusOf(cloud, fleetThing(5), job), "SUCCEEDED");
    assert.equal(statusOf(cloud, fleetThing(48), "update-2"), "FAILED");
  });

  it("has what the things report, the old version where an update failed", async () => {
    const version = async (index: number) => {
      const shadow = await ask("iotdata", `/things/${fleetThing(index)}/shadow?name=fota`);
      return /"version":"([^"]*)"/.exec(JSON.stringify(shadow.state))?.[1];
    };
    assert.equal(await version(0), "1.0.3");
    assert.equal(await version(47), "1.0.2");
  });

  it("goes on like any other", async () => {
    const device = await cloud.createDevice(fleetThing(3));
    assert.equal(device.thingName, fleetThing(3));
    const body = Buffer.from(
      JSON.stringify({ targets: [`arn:aws:iot:eu-west-1:000000000000:thing/${fleetThing(3)}`], document: "{}" }),
    );
    const { status, text } = await cloud.operator.send({ service: "iot", method: "PUT", target: "/jobs/next", body });
    assert.equal(status, 200, text);
  });
});
