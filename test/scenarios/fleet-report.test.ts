import assert from "node:assert/strict";
import { DEVICE_POLICY_NAME, devicePolicyDocument } from "local-aws-iot/facts";
import { trustingImage } from "./support/images.js";
import { FIRST, MINUTE, Scenario, type ScenarioOptions, SECOND, THING } from "./support/scenario.js";

type Statement = { Action: string; Resource: string | string[] };

/** The device's policy with the topic of one more shadow. */
function policyWith(shadowName: string): string {
  const policy = JSON.parse(devicePolicyDocument({ region: "us-east-1", account: "123456789012" })) as {
    Statement: Statement[];
  };
  for (const statement of policy.Statement) {
    if (statement.Action !== "iot:Publish") continue;
    const [first = ""] = [statement.Resource].flat();
    statement.Resource = [statement.Resource, first.replace(/jobs\/.*$/, `shadow/name/${shadowName}/update`)].flat();
  }
  return JSON.stringify(policy);
}

async function start(fleetReport: boolean | string, shadow: string, options: ScenarioOptions = {}): Promise<Scenario> {
  const run = await Scenario.start({ ...options, off: true, config: { fleetReport, ...options.config } });
  const policyDocument = policyWith(shadow);
  run.world.cloud.services.registry.putPolicy({ policyName: DEVICE_POLICY_NAME, policyDocument, createdAt: run.now });
  run.world.board.powerOn();
  return run;
}

const reported = (run: Scenario, shadowName: string) =>
  run.world.cloud.services.shadows.store.shadow({ thingName: THING, shadowName })?.state.reported;

const reports = (run: Scenario) => run.wire.sent("publish").filter(({ topic }) => topic.includes("/shadow/")).length;

describe("what a fleet is told", () => {
  it("is nothing by default: no publish, no store", async () => {
    const run = await Scenario.start({ config: {} });
    await run.publish();
    run.succeeds();
    assert.equal(reports(run), 0);
    assert.equal(run.store.get("aws-fota", "boots") ?? run.store.get("aws-fota", "boots2"), undefined);
    run.close();
  });

  it("is what runs, once after a start, and two publishes more for an update", async () => {
    const run = await start(true, "fota");
    run.pass(2 * MINUTE);
    const { quarantine, ...first } = reported(run, "fota") ?? {};
    assert.deepEqual(first, {
      version: FIRST,
      slot: "ota_0",
      project: "moddable-aws-fota",
      reset: "power-on",
      boots: 1,
    });
    assert.equal(quarantine, "");
    assert.equal(reports(run), 1);
    await run.publish();
    run.untilState("testing");
    run.untilTraced("self-test: answered");
    run.succeeds();
    run.pass(MINUTE);
    const { version, slot, outcome, code, job, boots } = reported(run, "fota") ?? {};
    assert.deepEqual([version, slot, outcome, code, job, boots], [SECOND, "ota_1", "SUCCEEDED", "", "job-1", 2]);
    assert.ok(reports(run) <= 3, `${reports(run)} publishes`);
    await run.intact();
    run.close();
  });

  it("says why an update failed and which image is not tried again; the version is the one that runs", async () => {
    const run = await start(true, "fota");
    const image = await trustingImage({ app: "scenario", version: SECOND, config: { trial: "fail" } });
    await run.publish({ image });
    run.endsWith("FAILED", "self-test-failed");
    run.pass(MINUTE);
    const { version, slot, outcome, code, quarantine } = reported(run, "fota") ?? {};
    assert.deepEqual([version, slot, outcome, code], [FIRST, "ota_0", "FAILED", "self-test-failed"]);
    assert.match(String(quarantine), /^[0-9a-f]{16}$/);
    run.close();
  });

  it("stands in the shadow of the package catalog under the package's name", async () => {
    const run = await start("blink", "$package");
    run.pass(2 * MINUTE);
    const { blink } = reported(run, "$package") ?? {};
    assert.ok(typeof blink === "object" && blink !== null && "version" in blink && "attributes" in blink);
    assert.equal(blink.version, FIRST);
    run.close();
  });

  it("is obeyed by nobody: a desired version installs nothing", async () => {
    const run = await start(true, "fota");
    run.pass(MINUTE);
    const { store } = run.world.cloud.services.shadows;
    const id = { thingName: THING, shadowName: "fota" };
    const shadow = store.shadow(id) ?? assert.fail("no shadow");
    store.put(id, { ...shadow, state: { ...shadow.state, desired: { version: "9.9.9" } } });
    run.pass(10 * MINUTE);
    assert.equal(run.version, FIRST);
    assert.equal(run.wire.httpBytes, 0);
    run.close();
  });

  it("costs no update where the policy forbids it: the reports end, the jobs go on", async () => {
    const run = await start(true, "another");
    run.pass(10 * MINUTE);
    assert.equal(run.traced("fleet-report:").length, 1, run.told());
    await run.publish();
    run.succeeds();
    run.close();
  });

  it("is repeated by the next start, which may have another policy", async () => {
    const run = await start(true, "fota");
    run.pass(MINUTE);
    run.world.board.powerCut();
    run.pass(MINUTE);
    run.world.board.powerOn();
    run.pass(MINUTE);
    assert.equal(reports(run), 2);
    assert.equal(reported(run, "fota")?.boots, 2);
    run.close();
  });

  it("of a value that is neither true nor a package's name is nothing, and the firmware says so", async () => {
    const run = await start("no package/at all", "fota");
    run.pass(MINUTE);
    assert.equal(run.traced('config: "fleetReport"').length, 1);
    assert.equal(reports(run), 0);
    run.close();
  });
});
