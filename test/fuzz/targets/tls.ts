/** What a server says in a TLS handshake, and the certificates it shows. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { nameIn } from "../../../modules/strict-tls/distinguished-name.js";
import {
  checkServerHello,
  eventOf,
  HandshakeOrder,
  parseCertificate,
  parseCertificateList,
  requireRecord,
  TlsRefusal,
  verifyKeyExchange,
} from "../../../modules/strict-tls/index.js";
import { parsePublicKey } from "../../../modules/strict-tls/public-key.js";
import { nodeCrypto } from "../../support/certificate-factory.js";
import { bytesTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, outcomeOf } from "../../support/fuzz/invariants.js";
import { mutatedBytes } from "../../support/fuzz/mutations.js";

const ROOTS_FOLDER = new URL("../../../modules/device-ports/roots/", import.meta.url);
const ROOTS = readdirSync(ROOTS_FOLDER)
  .filter((name) => name.endsWith(".der"))
  .sort()
  .map((name) => new Uint8Array(readFileSync(new URL(name, ROOTS_FOLDER))));

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof TlsRefusal)) return undefined;
  assertSafeMessage(error.message, 120);
  return error.reason;
}

/** Node's reading of the same certificate, if it takes it at all. */
function nodesReading(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

export const certificates = bytesTarget({
  name: "certificate",
  reads: "certificates that a server shows",
  reaches: ["rsa", "ec", "certificate", "key refused"],
  data: mutatedBytes(fc.constantFrom(...ROOTS), { most: 2 }),
  check: (der) => {
    const outcome = outcomeOf(() => parseCertificate(der), reasonOf);
    if (outcome.kind === "error") {
      assert.equal(outcome.code, "certificate");
      return outcome.code;
    }
    const { notBefore, notAfter, signed, issuer, subject, publicKey } = outcome.value;
    assert.ok(Number.isFinite(notBefore) && Number.isFinite(notAfter));
    for (const part of [signed, issuer, subject, publicKey]) assert.equal(part.buffer, der.buffer, "nothing is copied");
    for (const name of [issuer, subject]) assert.match(nameIn(name), /^[ -~]{0,40}$/);
    const other = nodesReading(der);
    if (other !== undefined) {
      assert.equal(notBefore, Date.parse(other.validFrom), "the dates are those that others read");
      assert.equal(notAfter, Date.parse(other.validTo), "the dates are those that others read");
    }
    const key = outcomeOf(() => parsePublicKey(publicKey), reasonOf);
    if (key.kind === "value") return key.value.type;
    assert.equal(key.code, "certificate");
    return "key refused";
  },
});

const CLIENT_RANDOM = new Uint8Array(32).fill(1);
const SERVER_RANDOM = new Uint8Array(32).fill(2);
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
/** Made once with a key that nobody kept. */
const SERVER_POINT = bytesOf(
  "0438272256b9bde8a3fdc33c69f1e94d3b826971e5e8a7c2878d54139f7a0b7d72" +
    "8d08869a5f0b72c6963fbe8d18d06bdc1959ac1029e4d315f2045e65d67cfca3",
);
/** Curve and point, the algorithm, and the signature of the above over both random numbers and these. */
const KEY_EXCHANGE = bytesOf(
  `03001741${Buffer.from(SERVER_POINT).toString("hex")}` +
    "0403" +
    "0047" +
    "3045022100b382b0c824f409cecfa692449255b6e1deeaec0b8de5bdbaa6ee07e47745e1de" +
    "022007cc9e3b9a7af4941c087b0e363fb1e6f4f8b44a5a45eb79f5fd3e906790d46b",
);

export const keyExchange = bytesTarget({
  name: "tls-key-exchange",
  reads: "a server's half of the key, and its signature",
  reaches: ["signed", "protocol", "signature"],
  data: mutatedBytes(fc.constant(KEY_EXCHANGE), { most: 2 }),
  check: (body) => {
    const outcome = outcomeOf(
      () =>
        verifyKeyExchange({
          body,
          clientRandom: CLIENT_RANDOM,
          serverRandom: SERVER_RANDOM,
          serverKey: { type: "ec", curve: "secp256r1", point: SERVER_POINT },
          keyType: "ec",
          offeredCurves: [23],
          offeredAlgorithms: [{ hash: 4, sig: 3 }],
          crypto: nodeCrypto(),
        }),
      reasonOf,
    );
    if (outcome.kind === "error") {
      assert.ok(outcome.code === "protocol" || outcome.code === "signature", outcome.code);
      return outcome.code;
    }
    assert.deepEqual(body, KEY_EXCHANGE, "taken, but the server never signed this");
    return "signed";
  },
});

const SUITE = 0xc02f;
const OFFER = { suites: [SUITE, 0xc02b], extensions: [16, 23, 0xff01], protocols: [Buffer.from("mqtt")] };
const hello = (...extensions: readonly (readonly number[])[]): Uint8Array => {
  const block = extensions.flat();
  return Uint8Array.of(3, 3, ...SERVER_RANDOM, 0, SUITE >> 8, SUITE & 255, 0, 0, block.length, ...block);
};
const ALPN = [0, 16, 0, 7, 0, 5, 4, ...Buffer.from("mqtt")];
const hellos = fc.constantFrom(hello(), hello(ALPN), hello([0, 23, 0, 0], ALPN, [0xff, 1, 0, 1, 0]));

export const serverHello = bytesTarget({
  name: "tls-server-hello",
  reads: "the answer to the ClientHello",
  reaches: ["suite", "protocol"],
  data: mutatedBytes(hellos, { most: 2 }),
  check: (body) => {
    const outcome = outcomeOf(() => checkServerHello(body, OFFER), reasonOf);
    if (outcome.kind === "value") {
      assert.ok(OFFER.suites.includes(outcome.value), "only what was offered");
      return "suite";
    }
    assert.equal(outcome.code, "protocol");
    return outcome.code;
  },
});

const uint24 = (length: number): number[] => [length >> 16, (length >> 8) & 255, length & 255];
const list = (parts: readonly Uint8Array[]): Uint8Array => {
  const body = parts.flatMap((part) => [...uint24(part.length), ...part]);
  return Uint8Array.of(...uint24(body.length), ...body);
};
const lists = fc
  .array(
    fc.constantFrom(0, 1, 3, 300).map((length) => new Uint8Array(length)),
    { maxLength: 4 },
  )
  .map((parts) => list(parts));

export const certificateList = bytesTarget({
  name: "tls-certificate-list",
  reads: "the message that holds a server's chain",
  reaches: ["list", "protocol"],
  data: mutatedBytes(lists, { most: 2 }),
  check: (body) => {
    const outcome = outcomeOf(() => parseCertificateList(body), reasonOf);
    if (outcome.kind === "value") {
      assert.deepEqual(list(outcome.value), body, "it says the same again");
      return "list";
    }
    assert.equal(outcome.code, "protocol");
    return outcome.code;
  },
});

/** Types of messages in the order of a full handshake. [RFC 5246, 7.3] */
const FULL = Uint8Array.of(2, 11, 12, 14, 20);

export const handshakeOrder = bytesTarget({
  name: "tls-order",
  reads: "the types of a server's handshake messages, one a byte, in any order",
  reaches: ["in order", "protocol"],
  data: mutatedBytes(fc.constantFrom(FULL, Uint8Array.of(2, 11, 12, 13, 14), FULL.subarray(0, 3)), {
    donor: fc.constant(Uint8Array.of(0, 1, 4, 11, 13, 16, 20, 22, 255)),
    most: 2,
  }),
  check: (types) => {
    const order = new HandshakeOrder();
    let taken = 0;
    const outcome = outcomeOf(() => {
      for (const type of types) {
        order.take(eventOf(type));
        taken += 1;
      }
    }, reasonOf);
    // What was taken never comes twice, and never before what it follows.
    const accepted = [...types.subarray(0, taken)];
    assert.equal(new Set(accepted).size, accepted.length);
    if (taken > 0) assert.equal(accepted[0], 2);
    if (accepted.includes(12)) assert.ok(accepted.includes(11), "no key exchange without a certificate");
    if (accepted.includes(14)) assert.ok(accepted.includes(12), "nothing is done without a key exchange");
    if (outcome.kind === "value") return "in order";
    assert.equal(outcome.code, "protocol");
    return outcome.code;
  },
});

const HEADERS = [
  Uint8Array.of(22, 3, 3, 0, 90),
  Uint8Array.of(21, 3, 1, 0, 2),
  Uint8Array.from(Buffer.from("HTTP/1.1 400")),
];

export const recordHeader = bytesTarget({
  name: "tls-record-header",
  reads: "the first bytes of what answers in a TLS server's place",
  reaches: ["record", "protocol", "too short"],
  data: mutatedBytes(fc.constantFrom(...HEADERS)),
  check: (bytes) => {
    const outcome = outcomeOf(() => requireRecord(bytes), reasonOf);
    if (outcome.kind === "error") return outcome.code;
    if (bytes.length < 5) return "too short";
    const [type = 0, major, , high = 0] = bytes;
    assert.ok(type >= 20 && type <= 23 && major === 3 && high <= 0x48, "what is taken is a record");
    return "record";
  },
});
