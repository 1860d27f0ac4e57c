import assert from "node:assert/strict";
import type { CloudContext } from "../../../host-sim/cloud/context/context.js";
import { AwsError } from "../../../host-sim/cloud/context/context.js";
import { IotRegistry } from "../../../host-sim/cloud/iot/registry.js";
import { iotRoutes } from "../../../host-sim/cloud/iot/routes.js";
import type { IotService } from "../../../host-sim/cloud/iot/service.js";
import { matchPath } from "../../../host-sim/cloud/message/rest-route.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";
import { testPki } from "../support/https-cloud.js";
import { StepClock } from "../support/memory-s3.js";

const ARN = "arn:aws:iot:us-east-1:000000000000:";

describe("operations on things, groups, certificates and policies", function () {
  this.timeout(30_000);
  let iot: IotService;
  let told: string[];

  beforeEach(async () => {
    const { issueDevice, signRequest } = await testPki();
    let count = 0;
    const context: CloudContext = {
      clock: new StepClock(),
      store: memoryStore(),
      region: "us-east-1",
      account: "000000000000",
      random: (byteLength) => {
        count += 1;
        return new Uint8Array(byteLength).fill(count);
      },
      log: () => {},
    };
    told = [];
    const jobs = {
      thingJoinedGroup: (change: object) => void told.push(`joined ${JSON.stringify(change)}`),
      thingLeftGroup: (change: object) => void told.push(`left ${JSON.stringify(change)}`),
      thingDeleted: (change: object) => void told.push(`deleted ${JSON.stringify(change)}`),
    };
    iot = {
      context,
      registry: new IotRegistry(context),
      jobs,
      issueDevice,
      signRequest,
      endpointHost: () => "localhost",
    };
  });

  /** Calls the operation behind a route, with the query and body members merged. */
  async function call(method: string, path: string, members: Record<string, unknown> = {}) {
    for (const route of iotRoutes(iot)) {
      const labels = route.method === method ? matchPath(route.path, path) : undefined;
      if (labels !== undefined) return await route.run({ ...members, ...labels });
    }
    throw new Error(`no route ${method} ${path}`);
  }
  async function refuses(code: string, method: string, path: string, members: Record<string, unknown> = {}) {
    await assert.rejects(
      call(method, path, members),
      (error: unknown) => error instanceof AwsError && error.code === code,
    );
  }

  it("tell the Jobs service of each change of membership, once", async () => {
    await call("POST", "/things/t");
    await call("POST", "/thing-groups/g");
    await call("POST", "/thing-groups/h");
    const both = { thingName: "t", thingGroupName: "g" };
    await call("PUT", "/thing-groups/addThingToThingGroup", both);
    await call("PUT", "/thing-groups/addThingToThingGroup", {
      thingArn: `${ARN}thing/t`,
      thingGroupArn: `${ARN}thinggroup/g`,
    });
    await call("PUT", "/thing-groups/removeThingFromThingGroup", both);
    await call("PUT", "/thing-groups/removeThingFromThingGroup", both);
    await call("PUT", "/thing-groups/addThingToThingGroup", { thingName: "t", thingGroupName: "h" });
    await call("DELETE", "/thing-groups/h");
    await call("DELETE", "/things/t");
    assert.deepEqual(told, [
      'joined {"thingName":"t","thingGroupName":"g"}',
      'left {"thingName":"t","thingGroupName":"g"}',
      'joined {"thingName":"t","thingGroupName":"h"}',
      'left {"thingName":"t","thingGroupName":"h"}',
      'deleted {"thingName":"t"}',
    ]);
  });

  it("merge and remove attributes of a thing", async () => {
    await call("POST", "/things/t", { attributePayload: { attributes: { a: "1", b: "2" } } });
    await call("PATCH", "/things/t", { attributePayload: { attributes: { b: "", c: "3" }, merge: true } });
    const merged = await call("GET", "/things/t");
    assert.deepEqual(merged.attributes, { a: "1", c: "3" });
    assert.equal(merged.version, 2);
    await call("PATCH", "/things/t", { attributePayload: { attributes: { d: "4" } }, expectedVersion: 2 });
    assert.deepEqual((await call("GET", "/things/t")).attributes, { d: "4" });
    await refuses("VersionConflict", "PATCH", "/things/t", { expectedVersion: 2 });
    await refuses("InvalidRequest", "PATCH", "/things/t", { attributePayload: { attributes: { a: 1 } } });
    await refuses("InvalidRequest", "PATCH", "/things/t", { attributePayload: { attributes: { "a b": "1" } } });
  });

  it("let a policy attached to a group reach the certificates of its things", async () => {
    await call("POST", "/things/t");
    await call("POST", "/thing-groups/g");
    await call("PUT", "/thing-groups/addThingToThingGroup", { thingName: "t", thingGroupName: "g" });
    const { certificateArn, certificateId } = await call("POST", "/keys-and-certificate", { setAsActive: "true" });
    await call("PUT", "/things/t/principals", { principal: certificateArn });
    const policyDocument = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
    await call("POST", "/policies/p", { policyDocument });
    await call("PUT", "/target-policies/p", { target: `${ARN}thinggroup/g` });
    const registered = iot.registry.certificate(String(certificateId));
    assert.deepEqual(registered, { certificateId, status: "ACTIVE", thingNames: ["t"], policies: [policyDocument] });
    assert.deepEqual((await call("POST", "/policy-targets/p")).targets, [`${ARN}thinggroup/g`]);
    assert.deepEqual((await call("GET", "/principals/things", { principal: certificateArn })).things, ["t"]);
  });

  it("register a certificate once, and only a certificate", async () => {
    const { certificatePem } = await iot.issueDevice();
    const registered = await call("POST", "/certificate/register-no-ca", { certificatePem, status: "ACTIVE" });
    assert.match(String(registered.certificateId), /^[0-9a-f]{64}$/);
    await refuses("ResourceAlreadyExists", "POST", "/certificate/register-no-ca", { certificatePem });
    await refuses("CertificateValidation", "POST", "/certificate/register-no-ca", { certificatePem: "nonsense" });
    await refuses("InvalidRequest", "POST", "/certificate/register-no-ca", { certificatePem, status: "REVOKED" });
    await refuses("InvalidRequest", "POST", "/certificates", { certificateSigningRequest: "nonsense" });
    await refuses("InvalidRequest", "PUT", `/certificates/${registered.certificateId}`, {
      newStatus: "PENDING_TRANSFER",
    });
    await call("PUT", `/certificates/${registered.certificateId}`, { newStatus: "REVOKED" });
    assert.equal(iot.registry.certificate(String(registered.certificateId))?.status, "REVOKED");
  });

  it("refuse what is not there or not allowed", async () => {
    await refuses("ResourceNotFound", "GET", "/thing-groups/none");
    await refuses("ResourceNotFound", "GET", "/policies/none");
    await refuses("ResourceNotFound", "GET", `/certificates/${"0".repeat(64)}`);
    await refuses("ResourceNotFound", "POST", "/thing-groups/g", { parentGroupName: "none" });
    await refuses("InvalidRequest", "POST", "/thing-groups/a.b");
    await refuses("InvalidRequest", "POST", `/things/${"t".repeat(129)}`);
    await refuses("InvalidRequest", "GET", "/things", { maxResults: "0" });
    await refuses("InvalidRequest", "GET", "/things", { maxResults: "251" });
    await call("POST", "/thing-groups/g");
    await refuses("ResourceAlreadyExists", "POST", "/thing-groups/g");
    for (const policyDocument of [
      "[]",
      '{"Statement":[{}]}',
      '{"Statement":[{"Effect":"Maybe"}]}',
      `"${"x".repeat(2100)}"`,
    ]) {
      await refuses("MalformedPolicy", "POST", "/policies/p", { policyDocument });
    }
    await call("POST", "/things/t");
    await refuses("InvalidRequest", "PUT", "/things/t/principals", {});
    await refuses("ResourceNotFound", "PUT", "/things/t/principals", { principal: `${ARN}cert/${"0".repeat(64)}` });
  });

  describe("groups of groups", () => {
    beforeEach(async () => {
      await call("POST", "/thing-groups/world");
      await call("POST", "/thing-groups/europe", { parentGroupName: "world" });
      await call("POST", "/thing-groups/malta", { parentGroupName: "europe" });
      for (const [thing, group] of [
        ["a", "world"],
        ["b", "malta"],
      ]) {
        await call("POST", `/things/${thing}`);
        await call("PUT", "/thing-groups/addThingToThingGroup", { thingName: thing, thingGroupName: group });
      }
    });

    it("have things of their own, and with recursive those below them", async () => {
      const things = async (members: object) =>
        (await call("GET", "/thing-groups/world/things", { ...members })).things;
      assert.deepEqual(await things({}), ["a"]);
      assert.deepEqual(await things({ recursive: "true" }), ["a", "b"]);
      assert.deepEqual(iot.registry.thingGroup("world"), { members: ["a", "b"] }, "jobs go to all of them");
    });

    it("are listed below a parent, directly or all", async () => {
      const names = async (members: object) => {
        const { thingGroups } = await call("GET", "/thing-groups", { parentGroup: "world", ...members });
        return JSON.stringify(thingGroups).match(/"groupName":"\w+"/g)?.length;
      };
      assert.equal(await names({}), 1);
      assert.equal(await names({ recursive: true }), 2);
    });

    it("tell who is above them", async () => {
      const { thingGroupMetadata } = await call("GET", "/thing-groups/malta");
      assert.deepEqual(Object.entries(thingGroupMetadata ?? {})[1], [
        "rootToParentThingGroups",
        ["world", "europe"].map((groupName) => ({ groupName, groupArn: `${ARN}thinggroup/${groupName}` })),
      ]);
    });

    it("give their policies to the things below them", async () => {
      const { certificateArn } = await call("POST", "/keys-and-certificate", { setAsActive: true });
      const principal = String(certificateArn);
      const policyDocument = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      });
      await call("POST", "/policies/all", { policyDocument });
      await call("PUT", "/target-policies/all", { target: `${ARN}thinggroup/world` });
      await call("PUT", "/things/b/principals", { principal });
      assert.deepEqual(iot.registry.certificate(principal.split("/")[1] ?? "")?.policies, [policyDocument]);
    });

    it("are seven levels at most", async () => {
      for (const [level, parent] of [
        [4, "malta"],
        [5, "g4"],
        [6, "g5"],
        [7, "g6"],
      ] as const)
        await call("POST", `/thing-groups/g${level}`, { parentGroupName: parent });
      await refuses("InvalidRequest", "POST", "/thing-groups/g8", { parentGroupName: "g7" });
    });
  });
});
