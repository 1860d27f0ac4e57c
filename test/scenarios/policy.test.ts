import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DEVICE_POLICY_NAME, devicePolicyDocument } from "local-aws-iot/facts";
import { HOUR, MINUTE, Scenario, THING } from "./support/scenario.js";

type Statement = { readonly Effect: string; readonly Action: string; readonly Resource: string | readonly string[] };
type Policy = { readonly Version: string; readonly Statement: readonly Statement[] };

const PLACE = { region: "us-east-1", account: "123456789012" };
const POLICY: Policy = JSON.parse(devicePolicyDocument(PLACE));
const resourcesOf = ({ Resource }: Statement) => [Resource].flat();

/** The device is on and idle when the job is made, so that only `notify-next` tells it. */
async function update(policy: Policy): Promise<Scenario> {
  const run = await Scenario.start({ off: true });
  const policyDocument = JSON.stringify(policy);
  run.world.cloud.services.registry.putPolicy({ policyName: DEVICE_POLICY_NAME, policyDocument, createdAt: run.now });
  run.world.board.powerOn();
  run.pass(2 * MINUTE);
  await run.publish();
  return run;
}

/** The policy without one resource of one statement; without the statement when it was the only one. */
function without(removed: string): Policy {
  const statements = POLICY.Statement.map((statement) => ({
    ...statement,
    Resource: resourcesOf(statement).filter((resource) => `${statement.Action} ${resource}` !== removed),
  }));
  return { ...POLICY, Statement: statements.filter(({ Resource }) => Resource.length > 0) };
}

const subscribed = (run: Scenario) =>
  run.wire
    .sent("subscribe")
    .flatMap(({ packet }) => (packet.cmd === "subscribe" ? packet.subscriptions.map(({ topic }) => topic) : []));

describe("the policy of a device", () => {
  it("is printed by docs/device.md to the letter", () => {
    const guide = readFileSync(new URL("../../docs/device.md", import.meta.url), "utf8");
    const block = /```json\n(\{\n {2}"Version"[\s\S]*?)```/.exec(guide)?.[1] ?? "";
    const source = new URL("../../host-sim/cloud/policy/device-policy.json", import.meta.url);
    assert.equal(block, readFileSync(source, "utf8"));
  });

  it("names the place that it is made for", () => {
    assert.doesNotMatch(devicePolicyDocument(PLACE), /REGION|ACCOUNT/);
    assert.match(devicePolicyDocument(PLACE), /arn:aws:iot:us-east-1:123456789012:client/);
  });

  it("lets a whole update pass on one connection for each start", async () => {
    const run = await update(POLICY);
    run.succeeds();
    assert.equal(run.wire.sent("connect").length, 2);
    assert.deepEqual(new Set(subscribed(run)), new Set([`$aws/things/${THING}/jobs/notify-next`]));
    await run.intact();
  });

  it("may name each topic instead of using wildcards", async () => {
    const jobs = (kind: string, ...ends: string[]) =>
      ends.map((end) => `arn:aws:iot:${PLACE.region}:${PLACE.account}:${kind}/$aws/things/${THING}/jobs/${end}`);
    const requests = ["$next/get", "job-1/get", "job-1/update"];
    const answers = requests.flatMap((request) => [`${request}/accepted`, `${request}/rejected`]);
    const run = await update({
      ...POLICY,
      Statement: [
        { Effect: "Allow", Action: "iot:Connect", Resource: `arn:aws:iot:us-east-1:123456789012:client/${THING}` },
        { Effect: "Allow", Action: "iot:Publish", Resource: jobs("topic", ...requests) },
        { Effect: "Allow", Action: "iot:Subscribe", Resource: jobs("topicfilter", "notify-next") },
        { Effect: "Allow", Action: "iot:Receive", Resource: jobs("topic", "notify-next", ...answers) },
      ],
    });
    run.succeeds();
    await run.intact({ probe: false });
  });

  /** As a cautious owner writes it who knows the topics of Jobs, and lists the answers to be subscribed to. */
  const careful = (): Policy => {
    const jobs = (kind: string, ...ends: string[]) =>
      ends.map((end) => `arn:aws:iot:${PLACE.region}:${PLACE.account}:${kind}/$aws/things/${THING}/jobs/${end}`);
    const ends = ["$next/get", "*/get", "*/update"].flatMap((end) => [`${end}/accepted`, `${end}/rejected`]);
    const [connect] = POLICY.Statement;
    return {
      ...POLICY,
      Statement: [
        ...(connect === undefined ? [] : [connect]),
        { Effect: "Allow", Action: "iot:Publish", Resource: jobs("topic", "$next/get", "*/get", "*/update") },
        { Effect: "Allow", Action: "iot:Subscribe", Resource: jobs("topicfilter", "notify-next", ...ends) },
        { Effect: "Allow", Action: "iot:Receive", Resource: jobs("topic", "notify-next", ...ends) },
      ],
    };
  };

  it("may name each topic of an answer for subscription as well", async () => {
    const run = await update(careful());
    run.succeeds();
    assert.equal(run.wire.sent("connect").length, 2, run.told());
    await run.intact();
  });

  it("that names the answers' topics lets the device subscribe to them when an answer was lost", async () => {
    const run = await Scenario.start({ off: true });
    const registry = run.world.cloud.services.registry;
    registry.putPolicy({
      policyName: DEVICE_POLICY_NAME,
      policyDocument: JSON.stringify(careful()),
      createdAt: run.now,
    });
    run.world.cloud.mqttFaults.add({ direction: "out", packet: "publish", topic: "next/get/accepted$", kind: "drop" });
    await run.publish();
    run.world.board.powerOn();
    run.succeeds();
    assert.ok(subscribed(run).some((filter) => filter.endsWith("/jobs/+/get/accepted")));
    assert.equal(run.wire.sent("connect").length, 2, run.told());
    await run.intact();
  });

  for (const [action, packet] of [
    ["iot:Subscribe", "SUBSCRIBE"],
    ["iot:Publish", "PUBLISH"],
  ] as const)
    it(`that forbids what the device needs is named in the trace: ${action}`, async () => {
      const run = await update({ ...POLICY, Statement: POLICY.Statement.filter(({ Action }) => Action !== action) });
      run.pass(5 * MINUTE);
      const topic = `$aws/things/${THING}/jobs/${packet === "PUBLISH" ? "$next/get" : "notify-next"}`;
      const text = `mqtt: policy-disconnect: closed with ${packet} ${topic} unanswered: the policy may not allow it`;
      assert.notDeepEqual(run.traced(text), [], run.told());
      run.world.close();
    });

  for (const statement of POLICY.Statement) {
    for (const resource of resourcesOf(statement)) {
      const removed = `${statement.Action} ${resource}`;
      it(`allows nothing in vain: no update without ${removed.replace(/arn:aws:iot:[^:]+:[^:]+:/, "")}`, async () => {
        const run = await update(without(removed));
        assert.notEqual(run.end("job-1", HOUR), "SUCCEEDED", run.told());
        run.world.close();
      });
    }
  }
});
