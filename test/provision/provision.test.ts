import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { ProvisionError, type ProvisionOptions, provision } from "fota-operator/provision";
import {
  ecKeys,
  exportKey,
  rsaCredentials,
  rsaKeys,
  selfSigned,
  type TestCredentials,
} from "../support/test-credentials.js";

let device: TestCredentials;

function options(changes: Partial<ProvisionOptions> = {}): ProvisionOptions {
  return {
    thingName: "board-1",
    endpoint: "abc123-ats.iot.eu-west-1.amazonaws.com",
    certificatePem: device.certificate,
    keyPem: device.pkcs8,
    out: "/project/build/board-1",
    project: "/project",
    ...changes,
  };
}

function bytesOf(name: string, changes: Partial<ProvisionOptions> = {}): Uint8Array {
  const file = provision(options(changes)).files.find((each) => each.name === name);
  assert.ok(file, `${name} is made`);
  return file.bytes;
}

function manifestOf(changes: Partial<ProvisionOptions> = {}) {
  return JSON.parse(new TextDecoder().decode(bytesOf("manifest.json", changes)));
}

function refuses(changes: Partial<ProvisionOptions>, message: RegExp): void {
  assert.throws(
    () => provision(options(changes)),
    (error) => {
      assert.ok(error instanceof ProvisionError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    },
  );
}

describe("provisioning", () => {
  it("takes servers of names and of time into the configuration", () => {
    const { dnsServers, sntp } = manifestOf({
      dnsServers: ["192.0.2.1", "192.0.2.2"],
      timeServers: ["a.test", "b.test"],
    }).config;
    assert.deepEqual({ dnsServers, sntp }, { dnsServers: "192.0.2.1 192.0.2.2", sntp: "a.test b.test" });
  });

  it("has a word on a custom domain and on a port that AWS IoT does not listen on", () => {
    const { rsa } = { rsa: device.certificate };
    const warnings = (changes: Partial<ProvisionOptions>) => provision(options(changes)).warnings.join();
    assert.match(warnings({ endpoint: "iot.example.com" }), /custom domain/);
    assert.match(warnings({ port: 1883 }), /8883 and 443, not on 1883/);
    for (const quiet of [{}, { port: 443 }, { endpoint: "localhost" }, { endpoint: "iot.example.com", rootPem: rsa }])
      assert.equal(warnings(quiet), "", JSON.stringify(Object.keys(quiet)));
  });

  before(async () => {
    device = await rsaCredentials();
  });

  it("turns the certificate into DER", () => {
    assert.deepEqual(Buffer.from(bytesOf("device-certificate.der")), new X509Certificate(device.certificate).raw);
  });

  it("turns a PKCS#8 key into PKCS#8 DER", () => {
    const expected = createPrivateKey(device.pkcs8).export({ type: "pkcs8", format: "der" });
    assert.deepEqual(Buffer.from(bytesOf("device-key.der")), expected);
  });

  it("turns a PKCS#1 key into PKCS#8 DER", () => {
    assert.match(device.pkcs1, /BEGIN RSA PRIVATE KEY/);
    assert.deepEqual(bytesOf("device-key.der", { keyPem: device.pkcs1 }), bytesOf("device-key.der"));
  });

  it("finds the blocks in files with other text and Windows line ends", () => {
    const certificatePem = `Bag Attributes\r\n  name: x\r\n${device.certificate.replaceAll("\n", "\r\n")}`;
    assert.deepEqual(bytesOf("device-certificate.der", { certificatePem }), bytesOf("device-certificate.der"));
  });

  it("marks only the key as secret", () => {
    const secret = provision(options()).files.filter((file) => file.secret);
    assert.deepEqual(
      secret.map((file) => file.name),
      ["device-key.der"],
    );
  });

  it("makes a manifest that includes the firmware's and adds configuration and resources", () => {
    assert.deepEqual(manifestOf(), {
      include: ["../../manifest.json"],
      config: { endpoint: "abc123-ats.iot.eu-west-1.amazonaws.com", thingName: "board-1" },
      data: { "*": ["./device-certificate", "./device-key"] },
    });
  });

  it("writes a port only when it is given", () => {
    assert.equal(manifestOf({ port: 443 }).config.port, 443);
  });

  it("lists a cloud of one's own as the place of the images, and leaves AWS's hosts to the firmware's default", () => {
    for (const endpoint of ["localhost", "aws.localhost", "192.168.1.20"])
      assert.equal(manifestOf({ endpoint }).config.allowedHosts, endpoint);
    for (const endpoint of ["abc123-ats.iot.eu-west-1.amazonaws.com", "broker.example"])
      assert.equal(manifestOf({ endpoint }).config.allowedHosts, undefined);
  });

  it("adds a root of one's own", () => {
    const { certificate } = device;
    assert.deepEqual(
      Buffer.from(bytesOf("root-ca.der", { rootPem: certificate })),
      new X509Certificate(certificate).raw,
    );
    assert.deepEqual(manifestOf({ rootPem: certificate }).data["*"].at(-1), "./root-ca");
  });

  it("gives another application the identity, by a path that leads to its manifest", () => {
    assert.deepEqual(manifestOf({ manifest: "/home/me/lamp/manifest.json" }).include, [
      "../../../home/me/lamp/manifest.json",
    ]);
  });

  it("keeps a simulated device's files beside its key, and says nothing of files to a board", () => {
    for (const platform of ["lin", "mac", "win"])
      assert.deepEqual(manifestOf({ platform }).config.file, { root: "/project/build/board-1/" });
    for (const platform of [undefined, "esp32", "esp32/m5atom_u"])
      assert.equal(manifestOf({ platform }).config.file, undefined);
  });

  it("names the line that builds and flashes", () => {
    assert.equal(
      provision(options()).mcconfigLine,
      'mcconfig -d -m -p esp32 ./build/board-1/manifest.json ssid="NETWORK" password="PASSWORD"',
    );
    assert.equal(
      provision(options({ platform: "lin", out: "/project/my boards/1" })).mcconfigLine,
      "mcconfig -d -m -p lin './my boards/1/manifest.json'",
    );
  });

  describe("refuses", () => {
    it("an EC key, in either form, saying why", () => {
      const { sec1, pkcs8 } = ecKeys();
      refuses({ keyPem: sec1 }, /EC key, which the SDK's TLS cannot use/);
      refuses({ keyPem: pkcs8 }, /EC key, which the SDK's TLS cannot use/);
    });

    it("another kind of key", () => {
      const { privateKey } = generateKeyPairSync("ed25519");
      refuses({ keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() }, /type ed25519/);
    });

    it("an RSA key that is too short", () => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
      refuses({ keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() }, /1024 bits/);
    });

    it("the key of another certificate", async () => {
      const other = await exportKey(await rsaKeys());
      refuses({ keyPem: other }, /is not the key of/);
    });

    it("an expired certificate", () => {
      refuses({ now: new Date(Date.now() + 60 * 86_400_000) }, /expired on/);
    });

    it("a certificate that is not valid yet", async () => {
      const keys = await rsaKeys();
      const certificatePem = await selfSigned(keys, 1, Date.now() + 86_400_000);
      refuses({ certificatePem, keyPem: await exportKey(keys) }, /not valid before/);
    });

    it("an encrypted key", () => {
      const keyPem = createPrivateKey(device.pkcs8)
        .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
        .toString();
      refuses({ keyPem }, /is encrypted/);
    });

    it("certificate and key the wrong way round", () => {
      refuses({ certificatePem: device.pkcs8 }, /a PEM file with a private key, not a PEM certificate/);
      refuses({ keyPem: device.certificate }, /a PEM file with a certificate, not a PEM private key/);
    });

    it("a public key instead of the private one", () => {
      const keyPem = new X509Certificate(device.certificate).publicKey
        .export({ type: "spki", format: "pem" })
        .toString();
      refuses({ keyPem }, /a PEM file with a public key/);
    });

    it("text that is not PEM", () => {
      refuses({ certificatePem: "hello" }, /not a PEM file/);
      refuses({ keyPem: "" }, /not a PEM file/);
    });

    it("damaged PEM, without repeating any of it", () => {
      const damage = (pem: string) => pem.replace(/\n[A-Za-z0-9+/]{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
      refuses({ certificatePem: damage(device.certificate) }, /damaged: its certificate cannot be read$/);
      refuses({ keyPem: damage(device.pkcs8) }, /damaged: its private key cannot be read$/);
    });

    it("a chain of certificates", () => {
      refuses({ certificatePem: device.certificate.repeat(2) }, /holds 2 certificates/);
    });

    it("a certificate too long for the device's store", async () => {
      const keys = await rsaKeys();
      const certificatePem = await selfSigned(keys, 30, Date.now() - 1000, `CN=${"x".repeat(3000)}`);
      refuses({ certificatePem, keyPem: await exportKey(keys) }, /more than the 6000 the device can keep/);
    });

    it("no certificate of up to 6000 bytes", async () => {
      const keys = await rsaKeys();
      const certificatePem = await selfSigned(keys, 30, Date.now() - 1000, `CN=${"x".repeat(2000)}`);
      const certificate = bytesOf("device-certificate.der", { certificatePem, keyPem: await exportKey(keys) });
      assert(certificate.length > 1999 && certificate.length <= 6000, String(certificate.length));
    });

    for (const thingName of ["", "a b", "ä", "a/b", "$aws", "x".repeat(129)]) {
      it(`the thing name ${JSON.stringify(thingName.slice(0, 10))}`, () => refuses({ thingName }, /thing name/));
    }

    for (const endpoint of [
      "",
      "mqtts://h.example",
      "h.example:8883",
      "h.example/x",
      "h..example",
      "-h.example",
      "h example",
    ]) {
      it(`the endpoint ${JSON.stringify(endpoint)}`, () => refuses({ endpoint }, /is not a host name/));
    }

    for (const [endpoint, what] of [
      ["abc.iot.eu-west-1.amazonaws.com", /no ATS endpoint.*iot:Data-ATS/],
      ["abc.iot.cn-north-1.amazonaws.com.cn", /no ATS endpoint.*iot:Data-ATS/],
      ["abc.jobs.iot.eu-west-1.amazonaws.com", /another service.*iot:Data-ATS/],
      ["abc.credentials.iot.cn-north-1.amazonaws.com.cn", /another service.*iot:Data-ATS/],
    ] as const)
      it(`the endpoint ${endpoint}`, () => refuses({ endpoint }, what));

    it("servers of names and of time that cannot be asked", () => {
      for (const server of ["dns.example", "fd00::1", "1.1.1", ""])
        refuses({ dnsServers: [server] }, /IPv4 address of a DNS/);
      refuses({ timeServers: ["http://time.example"] }, /host name of a time server/);
    });

    it("a root that is not a certificate", () => refuses({ rootPem: "hello" }, /not a PEM certificate/));

    it("a root that has expired", async () => {
      const rootPem = await selfSigned(await rsaKeys(), 1, Date.now() - 3 * 86_400_000);
      refuses({ rootPem }, /expired on/);
    });
  });
});
