import assert from "node:assert/strict";
import type { RegisteredCertificate } from "../../../host-sim/cloud/jobs/index.js";
import { authorizerFor } from "../../../host-sim/cloud/policy/authorizer.js";
import { parsePolicy } from "../../../host-sim/cloud/policy/document.js";
import { LEAST_PRIVILEGE_POLICY, OPEN_POLICY } from "../support/fake-registry.js";

const PLACE = { region: "us-east-1", account: "123456789012", log: () => {} };
const ARN = "arn:aws:iot:us-east-1:123456789012:";

function authorizer(
  policies: readonly object[],
  clientId = "pump",
  thingNames: readonly string[] = [clientId],
  strict = false,
) {
  const certificate: RegisteredCertificate = {
    certificateId: "c",
    status: "ACTIVE",
    thingNames,
    policies: policies.map((policy) => JSON.stringify(policy)),
  };
  return authorizerFor(PLACE, certificate, clientId, strict);
}
const statement = (more: object) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*", ...more }],
});

describe("IoT policies", () => {
  describe("where the policy is the least-privilege one", () => {
    const least: object = JSON.parse(LEAST_PRIVILEGE_POLICY);

    it("allows a thing its own topics", () => {
      const { mayConnect, mayPublish, maySubscribe, mayReceive } = authorizer([least]);
      assert(mayConnect([]));
      for (const end of ["get", "start-next", "$next/get", "fw-1/update"]) {
        assert(mayPublish(`$aws/things/pump/jobs/${end}`, false), end);
      }
      for (const end of ["notify-next", "$next/get/+", "+/update/+", "#"]) {
        assert(maySubscribe(`$aws/things/pump/jobs/${end}`), end);
      }
      assert(mayReceive("$aws/things/pump/jobs/fw-1/update/accepted"));
    });

    it("allows nothing of another thing, nor other topics", () => {
      const { mayPublish, maySubscribe, mayReceive } = authorizer([least]);
      for (const topic of [
        "$aws/things/valve/jobs/get",
        "$aws/things/pump/shadow/get",
        "app/x",
        "$aws/things/pump/jobs/x",
      ]) {
        assert(!mayPublish(topic, false), topic);
      }
      for (const filter of ["$aws/things/+/jobs/notify", "$aws/things/pump/#", "#"])
        assert(!maySubscribe(filter), filter);
      assert(!mayReceive("$aws/things/valve/jobs/notify"));
      assert(!mayPublish("$aws/things/pump/jobs/get", true));
    });

    it("allows nothing when the certificate is not attached to the thing of that name", () => {
      for (const thingNames of [[], ["valve"]]) {
        const { mayConnect, mayPublish } = authorizer([least], "pump", thingNames);
        assert(!mayConnect([]));
        assert(!mayPublish("$aws/things/pump/jobs/get", false));
      }
    });
  });

  it("takes + and # literally and * and ? as wildcards of texts", () => {
    const { maySubscribe } = authorizer([
      statement({ Resource: [`${ARN}topicfilter/a/+/b`, `${ARN}topicfilter/c?d*`] }),
    ]);
    assert(maySubscribe("a/+/b"));
    assert(!maySubscribe("a/x/b"));
    assert(maySubscribe("cXd/and/more"));
    assert(!maySubscribe("cd"));
  });

  it("takes the value of a variable literally", () => {
    const policy = statement({ Resource: `${ARN}topic/\${iot:ClientId}/x` });
    assert(!authorizer([policy], "*").mayPublish("pump/x", false));
    assert(authorizer([policy], "*").mayPublish("*/x", false));
    assert(authorizer([policy], "a.b").mayPublish("a.b/x", false));
    assert(!authorizer([policy], "a.b").mayPublish("aXb/x", false));
  });

  it("takes every character of a name as it is", () => {
    const name = "a-b.c+d(e)[f]{g}|h^i\\j/k$";
    const own = statement({ Resource: `${ARN}topic/\${iot:ClientId}/x-y` });
    assert(authorizer([own], name).mayPublish(`${name}/x-y`, false));
    assert(!authorizer([own], name).mayPublish("a-b.c/x-y", false));
  });

  it("lets a Deny win over any Allow", () => {
    const deny = statement({ Effect: "Deny", Action: ["iot:Publish"], Resource: `${ARN}topic/secret/*` });
    const { mayPublish } = authorizer([JSON.parse(OPEN_POLICY), deny]);
    assert(mayPublish("open", false));
    assert(!mayPublish("secret/x", false));
  });

  it("allows nothing without policies, nor by one that cannot be read", () => {
    assert(!authorizer([]).mayConnect([]));
    assert(!authorizer([{ Statement: "x" }]).mayConnect([]));
  });

  it("keeps actions apart", () => {
    const { mayPublish, mayReceive, maySubscribe } = authorizer([statement({ Action: "iot:Pub*" })]);
    assert(mayPublish("a", false));
    assert(!mayReceive("a"));
    assert(!maySubscribe("a"));
    assert(!mayPublish("a", true));
  });

  it("evaluates conditions on connect attributes", () => {
    const allowed = { "ForAllValues:StringEquals": { "iot:ConnectAttributes": ["PersistentConnect"] } };
    const { mayConnect } = authorizer([statement({ Condition: allowed })]);
    assert(mayConnect(["PersistentConnect"]));
    assert(!mayConnect(["PersistentConnect", "LastWill"]));
    assert(mayConnect([]));
  });

  it("asks for a condition before a persistent session when so switched", () => {
    const condition = { "ForAnyValue:StringEquals": { "iot:ConnectAttributes": "PersistentConnect" } };
    assert(!authorizer([JSON.parse(OPEN_POLICY)], "pump", ["pump"], true).mayConnect(["PersistentConnect"]));
    assert(authorizer([statement({ Condition: condition })], "pump", ["pump"], true).mayConnect(["PersistentConnect"]));
  });

  it("evaluates string, boolean, null and IfExists conditions", () => {
    const holds = (Condition: object) => authorizer([statement({ Condition })]).mayPublish("a", false);
    const key = "iot:ClientId";
    assert(holds({ StringEquals: { [key]: ["valve", "pump"] } }));
    assert(!holds({ StringEquals: { [key]: "PUMP" } }));
    assert(holds({ StringEqualsIgnoreCase: { [key]: "PUMP" } }));
    assert(holds({ StringLike: { [key]: "p*" } }));
    assert(!holds({ StringEquals: { [key]: "p*" } }));
    assert(!holds({ StringNotLike: { [key]: "p*" } }));
    assert(holds({ StringNotEquals: { "aws:absent": "x" } }));
    assert(!holds({ StringEquals: { "aws:absent": "x" } }));
    assert(holds({ StringEqualsIfExists: { "aws:absent": "x" } }));
    assert(holds({ Null: { "aws:absent": "true" } }));
    assert(!holds({ Null: { [key]: "true" } }));
    assert(holds({ Bool: { "iot:Connection.Thing.IsAttached": ["true"] } }));
    assert(!holds({ Bool: { "iot:Connection.Thing.IsAttached": ["false"] } }));
  });

  const malformed: Readonly<Record<string, unknown>> = {
    "no JSON": undefined,
    "a list": [],
    "another version": { ...statement({}), Version: "2020-01-01" },
    "no statement": { Version: "2012-10-17" },
    "an empty statement list": { Version: "2012-10-17", Statement: [] },
    "an effect in lower case": statement({ Effect: "allow" }),
    "no action": statement({ Action: undefined }),
    "an action of another service": statement({ Action: "s3:GetObject" }),
    "a resource that is no ARN": statement({ Resource: "topic/x" }),
    "a resource that is no string": statement({ Resource: 5 }),
    "an unknown condition operator": statement({ Condition: { DateGreaterThan: { "aws:CurrentTime": "2020" } } }),
  };
  for (const [name, document] of Object.entries(malformed)) {
    it(`refuses a document with ${name}`, () => {
      assert.throws(() => parsePolicy(JSON.stringify(document) ?? "{"), { code: "MalformedPolicy" });
    });
  }
});
