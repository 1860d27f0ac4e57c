import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parseTime } from "../../modules/strict-tls/asn1-time.js";
import { DerReader } from "../../modules/strict-tls/der.js";
import { parseCertificate, subjectOf, TlsRefusal, verifyChain } from "../../modules/strict-tls/index.js";
import { parsePublicKey } from "../../modules/strict-tls/public-key.js";
import {
  authorityExtensions,
  basicConstraints,
  hostNames,
  makeParty,
  nodeCrypto,
  type Party,
  rawExtension,
  serverExtensions,
} from "../support/certificate-factory.js";

const ROOTS = new URL("../../modules/device-ports/roots/", import.meta.url);
const HOST = "a.example.test";

const refused = (action: () => unknown, message: RegExp = /^certificate: /) =>
  assert.throws(action, (error) => error instanceof TlsRefusal && error.code === "tls" && message.test(error.message));

/** A value in DER: the length in the fewest bytes. */
function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const content = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  const length =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 255];
  return Uint8Array.from([tag, ...length, ...content]);
}

describe("the reading of certificates", () => {
  let root: Party;
  let ec: Party;

  before(async () => {
    root = await makeParty({
      subject: "CN=Root",
      extensions: [...authorityExtensions(3), hostNames(HOST, "10.0.0.1")],
    });
    ec = await makeParty({ subject: "CN=EC", kind: "p256", extensions: serverExtensions(HOST) });
  });

  it("finds the fields of a certificate", () => {
    const { subject, issuer, extensions, algorithm, notAfter, publicKey } = parseCertificate(root.der);
    assert.deepEqual(subject, issuer);
    assert.deepEqual(subjectOf(root.der), subject);
    assert.deepEqual(subjectOf(ec.der), parseCertificate(ec.der).subject);
    assert.deepEqual(algorithm, { key: "rsa", hash: "SHA256" });
    assert.equal(notAfter, root.certificate.notAfter.getTime());
    assert.equal(extensions.isAuthority, true);
    assert.equal(extensions.pathLength, 3);
    assert.deepEqual(
      extensions.names.dns.map((name) => Buffer.from(name).toString()),
      [HOST],
    );
    assert.deepEqual(
      extensions.names.addresses.map((address) => address.join(".")),
      ["10.0.0.1"],
    );
    const key = parsePublicKey(publicKey);
    assert.equal(key.type === "rsa" ? key.modulus.length : 0, 256);
    const other = parsePublicKey(parseCertificate(ec.der).publicKey);
    assert.equal(other.type === "ec" ? other.curve : "", "secp256r1");
  });

  for (const name of readdirSync(ROOTS).filter((file) => file.endsWith(".der"))) {
    it(`takes the root that the firmware carries: ${name}`, () => {
      const bytes = new Uint8Array(readFileSync(new URL(name, ROOTS)));
      const certificate = parseCertificate(bytes);
      assert.ok(certificate.extensions.isAuthority);
      assert.doesNotThrow(() => parsePublicKey(certificate.publicKey));
      // It signed itself, and carries no host name: everything but the name is in order.
      const chain = { sent: [bytes], trusted: () => [certificate], now: Date.now(), crypto: nodeCrypto() };
      refused(() => verifyChain({ ...chain, host: HOST }), /^name: /);
    });
  }

  it("refuses every certificate that is cut short or has something behind it", () => {
    for (const { der: whole } of [root, ec]) {
      for (let length = 0; length < whole.length; length++) {
        refused(() => parseCertificate(whole.subarray(0, length)));
        refused(() => subjectOf(whole.subarray(0, length)));
      }
      refused(() => parseCertificate(Uint8Array.from([...whole, 0])));
    }
  });

  it("answers every changed byte with a certificate or a refusal, and a chain with it with an answer", () => {
    const trusted = [parseCertificate(root.der)];
    for (const { der: whole } of [root, ec]) {
      for (let at = 0; at < whole.length; at++) {
        for (const value of [0, 1, 0x30, 0x7f, 0x80, 0x81, 0x84, 0xff]) {
          const changed = Uint8Array.from(whole);
          if (changed[at] === value) continue;
          changed[at] = value;
          const question = {
            sent: [changed],
            trusted: () => trusted,
            host: HOST,
            now: Date.now(),
            crypto: nodeCrypto(),
          };
          assert.throws(() => verifyChain(question), TlsRefusal, `byte ${at} = ${value}`);
        }
      }
    }
  }).timeout(60_000);

  it("refuses random bytes", () => {
    let seed = 12345;
    const random = () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return (seed >> 8) & 255;
    };
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: random() }, random);
      refused(() => parseCertificate(bytes));
      if (bytes.length > 0) bytes[0] = 0x30;
      refused(() => parseCertificate(bytes));
    }
  });

  it("refuses what BER allows and DER does not", () => {
    const lengths: readonly (readonly number[])[] = [
      [0x30, 0x80, 0, 0],
      [0x30, 0x81, 2, 5, 0],
      [0x30, 0x82, 0, 0x80, ...new Uint8Array(128)],
      [0x30, 0x84, 0, 0, 0, 2, 5, 0],
      [0x30, 0x83, 0xff, 0xff, 0xff],
      [0x3f, 0x81, 1, 0],
      [0x30, 3, 5, 0],
      [0x30],
      [0x30, 0x82, 1],
    ];
    for (const bytes of lengths) refused(() => new DerReader(Uint8Array.from(bytes)).next());
  });

  it("is not upset by deep nesting", () => {
    let nested = der(5);
    for (let depth = 0; depth < 5000; depth++) nested = der(0x30, nested.subarray(0, 60_000));
    refused(() => parseCertificate(nested));
  });

  it("refuses an extension that comes twice, and truth values that are neither", async () => {
    const twice = await makeParty({
      subject: "CN=x",
      keys: ec.keys,
      extensions: [basicConstraints(false), rawExtension("2.5.29.19", true, der(0x30, [1, 1, 0xff]))],
    });
    refused(() => parseCertificate(twice.der), /twice/);
    for (const value of [
      [1, 1, 1],
      [1, 2, 0xff, 0xff],
      [2, 1, 0xff],
      [1, 1, 0xff, 2, 1, 0x80],
      [1, 1, 0xff, 5, 0],
    ]) {
      const wrong = await makeParty({
        subject: "CN=x",
        keys: ec.keys,
        extensions: [rawExtension("2.5.29.19", true, der(0x30, value))],
      });
      refused(() => parseCertificate(wrong.der));
    }
  });

  it("takes a path length beyond one byte for the longest", async () => {
    const party = await makeParty({
      subject: "CN=x",
      keys: ec.keys,
      extensions: [rawExtension("2.5.29.19", true, der(0x30, [1, 1, 0xff, 2, 2, 1, 0]))],
    });
    assert.equal(parseCertificate(party.der).extensions.pathLength, 255);
  });

  it("reads dates of both forms, and no others", () => {
    const time = (tag: number, text: string) => parseTime(tag, Uint8Array.from(Buffer.from(text)));
    assert.equal(time(0x17, "260301123456Z"), Date.UTC(2026, 2, 1, 12, 34, 56));
    assert.equal(time(0x17, "500101000000Z"), Date.UTC(1950, 0, 1));
    assert.equal(time(0x17, "491231235959Z"), Date.UTC(2049, 11, 31, 23, 59, 59));
    assert.equal(time(0x18, "20500101000000Z"), Date.UTC(2050, 0, 1));
    assert.equal(time(0x18, "99991231235959Z"), Date.UTC(9999, 11, 31, 23, 59, 59));
    const wrong: readonly [number, string][] = [
      [0x17, "2603011234Z"],
      [0x17, "260301123456+0100"],
      [0x17, "260301123456"],
      [0x17, "261301123456Z"],
      [0x17, "260001123456Z"],
      [0x17, "260230123456Z"],
      [0x17, "260301243456Z"],
      [0x17, "260301126056Z"],
      [0x17, "2603011234-1Z"],
      [0x17, "26030112345 Z"],
      [0x17, "20260301123456Z"],
      [0x18, "260301123456Z"],
      [0x18, "20260301123456.5Z"],
      [0x18, "00260301123456Z"],
      [0x16, "260301123456Z"],
      [0x17, ""],
    ];
    for (const [tag, text] of wrong) refused(() => time(tag, text), /^certificate: malformed: date/);
  });
});

describe("the reading of public keys", () => {
  const RSA = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
  const EC = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
  const P256 = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
  const info = (algorithm: readonly number[], bits: Uint8Array) => der(0x30, der(0x30, algorithm), der(3, [0], bits));
  const odd = (bytes: number, first = 0xc0) => [first, ...new Uint8Array(bytes - 2).fill(7), 1];
  const rsa = (modulus: readonly number[], exponent: readonly number[]) =>
    info([...RSA, 5, 0], der(0x30, der(2, [0, ...modulus]), der(2, exponent)));

  it("takes RSA keys of 2048 to 4096 bits", () => {
    for (const bytes of [256, 384, 512]) assert.equal(parsePublicKey(rsa(odd(bytes), [1, 0, 1])).type, "rsa");
    assert.equal(parsePublicKey(rsa(odd(256), [3])).type, "rsa");
  });

  it("refuses RSA keys that are short, long, even or have no exponent", () => {
    refused(() => parsePublicKey(rsa(odd(128), [1, 0, 1])), /an RSA key of 1024 bits/);
    refused(() => parsePublicKey(rsa(odd(1024), [1, 0, 1])), /an RSA key of 8192 bits/);
    refused(() => parsePublicKey(rsa([...odd(255), 2], [1, 0, 1])));
    for (const exponent of [[1], [0], [2], [1, 0, 0], [0x80], [0, 1], [1, 0, 0, 0, 1], []])
      refused(() => parsePublicKey(rsa(odd(256), exponent)));
    refused(() => parsePublicKey(info([...RSA, 5, 0], der(0x30, der(2, odd(256)), der(2, [1, 0, 1])))));
  });

  it("refuses points that are not on the curve, compressed, cut, or at infinity", async () => {
    const { der: whole } = await makeParty({ subject: "CN=x", kind: "p256" });
    const key = parsePublicKey(parseCertificate(whole).publicKey);
    assert.ok(key.type === "ec");
    const point = Uint8Array.from(key.point);
    assert.equal(parsePublicKey(info([...EC, ...P256], point)).type, "ec");
    const off = Uint8Array.from(point);
    off[64] = (off[64] ?? 0) ^ 1;
    const compressed = Uint8Array.from([2, ...point.subarray(1, 33)]);
    const beyond = new Uint8Array(65).fill(0xff);
    beyond[0] = 4;
    for (const wrong of [off, compressed, beyond, point.subarray(0, 64), Uint8Array.of(0), new Uint8Array(65)])
      refused(() => parsePublicKey(info([...EC, ...P256], wrong)));
  });

  it("refuses other curves and other kinds of keys", () => {
    refused(() => parsePublicKey(info([...EC, 6, 5, 0x2b, 0x81, 4, 0, 0x23], new Uint8Array(133))), /another curve/);
    refused(() => parsePublicKey(info([6, 3, 0x2b, 0x65, 0x70], new Uint8Array(32))), /neither RSA nor EC/);
    refused(() => parsePublicKey(info([...RSA], der(0x30, der(2, [0, ...odd(256)]), der(2, [3])))));
  });
});
