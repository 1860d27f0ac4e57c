import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPki } from "../../../host-sim/cloud/pki/pki.js";

describe("the local authority", function () {
  this.timeout(30_000);
  let dir: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-pki-"));
    await openPki(dir, "us-east-1");
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it("is made once and kept", async () => {
    const files = ["ca.pem", "ca.key", "server.pem", "server.key"].map((name) => join(dir, name));
    const before = files.map((file) => readFileSync(file, "utf8"));
    await openPki(dir, "us-east-1");
    assert.deepEqual(
      files.map((file) => readFileSync(file, "utf8")),
      before,
    );
  });

  it("keeps keys for the owner alone", () => {
    for (const name of ["ca.key", "server.key"]) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
  });

  it("sends the leaf with the authority behind it, valid for the local and the AWS names", async () => {
    const { serverChainPem, caPem } = await openPki(dir, "us-east-1");
    assert.equal(serverChainPem.match(/BEGIN CERTIFICATE/g)?.length, 2);
    const leaf = new X509Certificate(serverChainPem);
    const authority = new X509Certificate(caPem);
    assert(leaf.verify(authority.publicKey) && leaf.checkIssued(authority));
    for (const name of [
      "localhost",
      "a1b2-ats.iot.us-east-1.amazonaws.com",
      "iot.us-east-1.amazonaws.com",
      "data.jobs.iot.us-east-1.amazonaws.com",
      "s3.us-east-1.amazonaws.com",
      "my-fw.s3.us-east-1.amazonaws.com",
    ]) {
      assert(leaf.checkHost(name) !== undefined, name);
    }
    assert(leaf.checkIP("127.0.0.1") !== undefined);
    assert.equal(leaf.checkHost("example.com"), undefined);
    assert.equal(leaf.checkHost("my.fw.s3.us-east-1.amazonaws.com"), undefined);
  });

  it("issues RSA-2048 device certificates with PKCS#8 keys", async () => {
    const pki = await openPki(dir, "us-east-1");
    const identity = await pki.issueDevice();
    const certificate = new X509Certificate(Buffer.from(identity.certificateDer));
    assert(certificate.verify(new X509Certificate(pki.caPem).publicKey));
    const key = createPrivateKey({ key: Buffer.from(identity.privateKeyDer), format: "der", type: "pkcs8" });
    assert(certificate.checkPrivateKey(key));
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
    assert.match(identity.privateKeyPem, /^-----BEGIN PRIVATE KEY-----\n/);
    assert.equal(certificate.ca, false);
  });

  it("makes a new server certificate for another name or a key that does not fit, under the same authority", async () => {
    const first = await openPki(dir, "us-east-1");
    const renamed = await openPki(dir, "us-east-1", ["cloud.test", "192.0.2.7"]);
    assert.notEqual(renamed.serverChainPem, first.serverChainPem);
    assert.equal(renamed.caPem, first.caPem);
    assert(new X509Certificate(renamed.serverChainPem).checkHost("cloud.test") !== undefined);
    assert(new X509Certificate(renamed.serverChainPem).checkIP("192.0.2.7") !== undefined);
    writeFileSync(join(dir, "server.key"), readFileSync(join(dir, "ca.key")));
    const repaired = await openPki(dir, "us-east-1");
    assert(new X509Certificate(repaired.serverChainPem).checkPrivateKey(createPrivateKey(repaired.serverKeyPem)));
  });

  it("refuses a damaged authority and names the file", async () => {
    writeFileSync(join(dir, "ca.pem"), "nonsense");
    await assert.rejects(openPki(dir, "us-east-1"), /damaged: .*ca\.pem/);
  });
});
