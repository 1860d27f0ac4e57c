import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  GetPolicyCommand,
  ListAttachedPoliciesCommand,
  ListCertificatesCommand,
  ListThingPrincipalsCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { endpointKind as firmwareKind } from "../../modules/foundation/aws-endpoint.js";
import { endpointKind } from "../../operator/provision/index.js";
import { jsonOf, OperatedCloud } from "./support/operated-cloud.js";

describe("fota provision", function () {
  this.timeout(60_000);
  const operated = new OperatedCloud();
  const out = join(operated.dir, "devices");
  const things = async () =>
    (await operated.iot.send(new ListThingsCommand({}))).things?.map(({ thingName }) => thingName) ?? [];
  const certificates = async () => (await operated.iot.send(new ListCertificatesCommand({}))).certificates ?? [];
  let manifest = "";
  const provision = (...argv: string[]) => operated.run("provision", ...argv, "--out", out, "--manifest", manifest);

  before(async () => {
    await operated.start();
    manifest = operated.file("manifest.json", "{}");
  });
  after(() => operated.stop());

  it("makes things that may connect: certificate, policy, group, and files that only their owner reads", async () => {
    const ended = await provision("lamp-1", "lamp-2", "--group", "lamps", "--make-group", "--json");
    assert.equal(ended.code, 0, ended.err);
    const { mcconfig } = jsonOf(ended);
    assert.ok(Array.isArray(mcconfig) && mcconfig.length === 2);
    assert.match(String(mcconfig[0]), /^mcconfig -d -m -p esp32 \.\/devices\/lamp-1\/manifest\.json/);
    const members = await operated.iot.send(new ListThingsInThingGroupCommand({ thingGroupName: "lamps" }));
    assert.deepEqual(members.things, ["lamp-1", "lamp-2"]);
    const { principals = [] } = await operated.iot.send(new ListThingPrincipalsCommand({ thingName: "lamp-1" }));
    const attached = await operated.iot.send(new ListAttachedPoliciesCommand({ target: principals[0] }));
    assert.deepEqual(
      attached.policies?.map(({ policyName }) => policyName),
      ["fota-device"],
    );
    assert.deepEqual(readdirSync(join(out, "lamp-1")).sort(), [
      "certificate.pem.crt",
      "device-certificate.der",
      "device-key.der",
      "manifest.json",
      "private.pem.key",
      "root-ca.der",
    ]);
    assert.equal(statSync(join(out, "lamp-1")).mode & 0o777, 0o700);
    for (const name of ["private.pem.key", "device-key.der"])
      assert.equal(statSync(join(out, "lamp-1", name)).mode & 0o777, 0o600);
    assert.notEqual(
      readFileSync(join(out, "lamp-1", "private.pem.key"), "utf8"),
      readFileSync(join(out, "lamp-2", "private.pem.key"), "utf8"),
    );
    const written: { config: unknown } = JSON.parse(readFileSync(join(out, "lamp-1", "manifest.json"), "utf8"));
    const { host, port } = operated.local.mqtt;
    assert.deepEqual(written.config, { endpoint: host, port, thingName: "lamp-1", allowedHosts: host });
  });

  it("passes over what is there, so that the same call can be made again", async () => {
    const before = (await certificates()).length;
    const ended = await provision("lamp-1", "lamp-2", "lamp-3", "--group", "lamps");
    assert.equal(ended.code, 0, ended.err);
    assert.match(ended.err, /lamp-1: \S+ is there already\nlamp-2: /);
    assert.equal((await certificates()).length, before + 1);
  });

  it("makes the least policy, which docs/device.md prints and the local AWS gives its own devices", async () => {
    const mine = readFileSync(new URL("../../operator/enrol/device-policy.json", import.meta.url), "utf8");
    const cloud = readFileSync(new URL("../../host-sim/cloud/policy/device-policy.json", import.meta.url), "utf8");
    assert.deepEqual(JSON.parse(mine), JSON.parse(cloud));
    const { policyDocument = "" } = await operated.iot.send(new GetPolicyCommand({ policyName: "fota-device" }));
    assert.doesNotMatch(policyDocument, /REGION|ACCOUNT/);
    assert.match(policyDocument, /arn:aws:iot:us-east-1:000000000000:client/);
  });

  it("lets devices report when it is told to, by the line of docs/fleet.md", async () => {
    const ended = await provision("teller-1", "--policy", "tellers", "--report", "fota");
    assert.equal(ended.code, 0, ended.err);
    const { policyDocument = "" } = await operated.iot.send(new GetPolicyCommand({ policyName: "tellers" }));
    const text = readFileSync(new URL("../../docs/fleet.md", import.meta.url), "utf8");
    const line: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "");
    const here = JSON.stringify(line).replace("REGION", "us-east-1").replace("ACCOUNT", "000000000000");
    assert.deepEqual(JSON.parse(policyDocument).Statement.at(-1), JSON.parse(here));
    const refused = await operated.here("provision", "x", "--report", "y", "--out", out, "--manifest", manifest);
    assert.match(refused.err, /--report y: fota or \$package/);
  });

  it("leaves nothing of a thing that could not be made, neither at AWS nor on disk", async () => {
    const before = (await certificates()).length;
    operated.fault({
      service: "iot",
      method: "PUT",
      path: "/target-policies/",
      status: 403,
      error: "AccessDeniedException",
    });
    const { code, err } = await provision("broken-1", "broken-2");
    assert.equal(code, 3);
    assert.match(err, /^fota: access denied: iot:AttachPolicy on fota-device\n {2}the policy needs/m);
    assert.deepEqual(
      (await things()).filter((name) => name?.startsWith("broken")),
      [],
    );
    assert.equal((await certificates()).length, before);
    assert.deepEqual(existsSync(join(out, "broken-1")) ? readdirSync(join(out, "broken-1")) : [], []);
  });

  it("ends with whole things at Ctrl-C, and goes on when it is called again", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `many-${index}`);
    const begun = operated.begin("provision", ...names, "--out", out, "--manifest", manifest);
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!existsSync(join(out, "many-2", "manifest.json"))) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
    begun.interrupt();
    const { code, err } = await begun.ended;
    assert.equal(code, 130, err);
    const [, done = "0"] = /stopped after (\d+) of 30; these are whole/.exec(err) ?? [];
    const made = (await things()).filter((name) => name?.startsWith("many-"));
    assert.equal(made.length, Number(done));
    assert.equal(
      made.every((name) => existsSync(join(out, String(name), "manifest.json"))),
      true,
    );
  });

  for (const [what, argv, message] of [
    ["a name that is none", ["a b"], /a b is no name of a thing/],
    [
      "a group that is missing",
      ["x", "--group", "nowhere"],
      /there is no thing group nowhere\n {2}--make-group makes it/,
    ],
    ["no names", [], /missing required argument|the name of a thing is missing/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const before = (await things()).length;
      const ended = await operated.here("provision", ...argv, "--out", out, "--manifest", manifest);
      assert.match(ended.err, message);
      assert.equal(ended.code, 2);
      assert.equal((await things()).length, before);
    });
  }

  describe("fota doctor", () => {
    it("finds nothing wrong with a device that it made", async () => {
      const { code, out: text } = await operated.here("doctor", "--thing", "lamp-1");
      assert.equal(code, 0, text);
      assert.match(text, /^ok {2}clock: \d+ s /m);
      assert.match(text, /^ok {2}bucket: firmware in us-east-1$/m);
      assert.match(text, /^ok {2}thing lamp-1: its certificate is active/m);
      assert.match(text, /^\? {3}role: the local AWS has no IAM/m);
    });

    it("says which line of the policy is missing", async () => {
      const place = "arn:aws:iot:us-east-1:000000000000";
      const poor = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: `${place}:client/*` }],
      };
      await operated.things("poor");
      await operated.policyFor("poor", "poor-policy", JSON.stringify(poor));
      const { code, out: text } = await operated.here("doctor", "--thing", "poor");
      assert.equal(code, 1);
      assert.match(
        text,
        /^BAD thing poor: its policies \(poor-policy\) do not allow it to hear of jobs: iot:Subscribe on /m,
      );
      assert.match(
        text,
        /"Action":"iot:Subscribe","Resource":"arn:aws:iot:us-east-1:000000000000:topicfilter\/\$aws\/things\/\$\{iot:Connection\.Thing\.ThingName\}\/jobs\/notify-next"\}, and 5 more/,
      );
    });

    it("sees a certificate that was revoked, a thing without one, and one that is not there", async () => {
      const { principals = [] } = await operated.iot.send(new ListThingPrincipalsCommand({ thingName: "lamp-2" }));
      const certificateId = principals[0]?.split("/")[1];
      await operated.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "REVOKED" }));
      await operated.things("bare");
      const { code, out: text } = await operated.here("doctor", "--thing", "lamp-2", "bare", "nobody");
      assert.equal(code, 1);
      assert.match(text, /^BAD thing lamp-2: its certificate is REVOKED$/m);
      assert.match(text, /^BAD thing bare: no certificate is attached/m);
      assert.match(text, /^BAD thing nobody: it is not there$/m);
    });

    it("makes a bucket that is missing when it is told to", async () => {
      const missing = await operated.here("doctor", "--bucket", "others");
      assert.equal(missing.code, 1);
      assert.match(missing.out, /^BAD bucket: there is no bucket others\n {6}fota doctor --bucket others --mend/m);
      const made = await operated.here("doctor", "--bucket", "others", "--mend");
      assert.match(made.out, /^ok {2}bucket: others was made in us-east-1/m);
      assert.equal((await operated.here("doctor", "--bucket", "others")).code, 0);
    });
  });
});

describe("an endpoint's name, to the operator's tool", () => {
  for (const name of [
    "abc-ats.iot.eu-west-1.amazonaws.com",
    "abc.iot.eu-west-1.amazonaws.com",
    "abc.jobs.iot.eu-west-1.amazonaws.com",
    "abc.credentials.iot.eu-west-1.amazonaws.com",
    "abc.ats.iot.cn-north-1.amazonaws.com.cn",
    "abc.iot.cn-north-1.amazonaws.com.cn",
    "abc-ats.iot-fips.us-gov-west-1.amazonaws.com",
    "ABC-ATS.IOT.EU-WEST-1.AMAZONAWS.COM",
    "s3.eu-west-1.amazonaws.com",
    "bucket.s3.eu-west-1.amazonaws.com",
    "iot.eu-west-1.amazonaws.com",
    "a.b.ats.iot.eu-west-1.amazonaws.com",
    "vpce-1.iot.data.eu-west-1.vpce.amazonaws.com",
    "mqtt.example.com",
    "localhost",
    "iot",
    "",
  ]) {
    it(`is what it is to the firmware: ${name || "none"}`, () => assert.equal(endpointKind(name), firmwareKind(name)));
  }
});
