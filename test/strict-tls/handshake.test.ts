import assert from "node:assert/strict";
import { createECDH, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { HANDSHAKE_ORDER, type HandshakeEvent, type HandshakeState } from "../../modules/strict-tls/handshake-order.js";
import {
  asRefusal,
  checkServerHello,
  eventOf,
  HandshakeOrder,
  type KeyExchangeQuestion,
  parseCertificateList,
  TlsRefusal,
  verifyKeyExchange,
} from "../../modules/strict-tls/index.js";
import { parsePublicKey } from "../../modules/strict-tls/public-key.js";
import { nodeCrypto } from "../support/certificate-factory.js";

const refused = (action: () => unknown, message: RegExp = /^protocol: /) =>
  assert.throws(action, (error) => error instanceof TlsRefusal && message.test(error.message));

const WHOLE: readonly HandshakeEvent[] = [
  "server-hello",
  "certificate",
  "server-key-exchange",
  "certificate-request",
  "server-hello-done",
  "client-flight-sent",
  "change-cipher-spec",
  "finished",
  "application-data",
];

describe("the order of a handshake", () => {
  const run = (events: readonly HandshakeEvent[]): HandshakeState => {
    const order = new HandshakeOrder();
    for (const event of events) order.take(event);
    return order.state;
  };

  it("is that of a full handshake, with or without the wish for a client certificate", () => {
    assert.equal(run(WHOLE), "established");
    assert.equal(run(WHOLE.filter((event) => event !== "certificate-request")), "established");
    assert.equal(run([...WHOLE, "application-data", "application-data"]), "established");
  });

  for (const [index, event] of WHOLE.slice(0, -1).entries()) {
    if (event === "certificate-request") continue;
    it(`ends when ${event} is left out`, () => {
      refused(() => run(WHOLE.filter((other) => other !== event)));
    });

    it(`ends when ${event} comes twice`, () => {
      refused(() => run([...WHOLE.slice(0, index + 1), event]));
    });
  }

  it("ends when any event comes at any other time", () => {
    for (let position = 0; position < WHOLE.length; position++) {
      const expected = HANDSHAKE_ORDER[run(WHOLE.slice(0, position))];
      for (const event of WHOLE) {
        if (event in expected) continue;
        refused(() => run([...WHOLE.slice(0, position), event]), new RegExp(`^protocol: ${event} in the place of`));
      }
    }
  });

  it("takes nothing once it was broken or ended", () => {
    const order = new HandshakeOrder();
    refused(() => order.take("finished"));
    for (const event of WHOLE) refused(() => order.take(event));
    const ended = new HandshakeOrder();
    ended.end();
    refused(() => ended.take("server-hello"));
  });

  it("knows the messages of a server, and no others", () => {
    assert.deepEqual([2, 11, 12, 13, 14, 20].map(eventOf), [
      "server-hello",
      "certificate",
      "server-key-exchange",
      "certificate-request",
      "server-hello-done",
      "finished",
    ]);
    // Client's messages, and answers to extensions that were not offered.
    for (const type of [1, 3, 4, 5, 15, 16, 21, 22, 23, 255]) refused(() => eventOf(type), /unexpected message/);
  });
});

describe("a server hello", () => {
  const OFFER = {
    suites: [0xc02f, 0xc02b],
    extensions: [0, 10, 11, 13, 16],
    protocols: [Uint8Array.from(Buffer.from("x-amzn-mqtt-ca"))],
  };
  const RANDOM = Buffer.alloc(32, 7);
  const vector = (size: 1 | 2, bytes: Uint8Array) => {
    const length = Buffer.alloc(size);
    length.writeUIntBE(bytes.length, 0, size);
    return Buffer.concat([length, bytes]);
  };
  const extension = (type: number, data: Uint8Array) =>
    Buffer.concat([Buffer.of(type >> 8, type & 255), vector(2, data)]);
  const alpn = (...names: string[]) =>
    extension(16, vector(2, Buffer.concat(names.map((name) => vector(1, Buffer.from(name))))));
  type Fields = { version?: number; session?: number; suite?: number; compression?: number; extensions?: Buffer[] };
  const hello = ({ version = 0x0303, session = 0, suite = 0xc02f, compression = 0, extensions }: Fields = {}) =>
    Buffer.concat([
      Buffer.of(version >> 8, version & 255),
      RANDOM,
      vector(1, Buffer.alloc(session)),
      Buffer.of(suite >> 8, suite & 255, compression),
      ...(extensions === undefined ? [] : [vector(2, Buffer.concat(extensions))]),
    ]);
  const check = (body: Uint8Array) => checkServerHello(body, OFFER);

  it("is taken with what was offered", () => {
    assert.equal(check(hello()), 0xc02f);
    assert.equal(check(hello({ suite: 0xc02b, session: 32, extensions: [] })), 0xc02b);
    const extensions = [extension(0, Buffer.alloc(0)), extension(11, Buffer.of(1, 0)), alpn("x-amzn-mqtt-ca")];
    assert.equal(check(hello({ extensions })), 0xc02f);
  });

  it("is taken without an answer to ALPN, as servers that do not know it leave it out", () => {
    assert.equal(check(hello({ extensions: [extension(11, Buffer.of(1, 0))] })), 0xc02f);
  });

  const wrong: readonly [title: string, fields: Fields, message: RegExp][] = [
    ["an older version", { version: 0x0302 }, /version 3\.2/],
    ["a newer version", { version: 0x0304 }, /version 3\.4/],
    ["SSL", { version: 0x0300 }, /version 3\.0/],
    ["a suite that was not offered", { suite: 0x002f }, /cipher suite/],
    ["a suite without encryption", { suite: 0 }, /cipher suite/],
    ["a compression", { compression: 1 }, /compression/],
    ["a session identifier that is too long", { session: 33 }, /malformed/],
    ["an extension that was not offered", { extensions: [extension(35, Buffer.alloc(0))] }, /extension 35/],
    ["an extension twice", { extensions: [extension(0, Buffer.alloc(0)), extension(0, Buffer.alloc(0))] }, /twice/],
    ["another application protocol", { extensions: [alpn("http/1.1")] }, /application protocol/],
    ["several application protocols", { extensions: [alpn("x-amzn-mqtt-ca", "http/1.1")] }, /malformed ALPN/],
    ["an empty answer to ALPN", { extensions: [extension(16, Buffer.alloc(0))] }, /malformed ALPN/],
    ["an extension that is cut", { extensions: [Buffer.of(0, 11, 0, 5, 1)] }, /malformed/],
  ];
  for (const [title, fields, message] of wrong)
    it(`is refused with ${title}`, () => {
      refused(() => check(hello(fields)), message);
    });

  it("is refused when it is cut at any place or has something behind it", () => {
    const whole = hello({ session: 4, extensions: [alpn("x-amzn-mqtt-ca")] });
    const withoutExtensions = hello({ session: 4 }).length;
    for (let length = 0; length < whole.length; length++) {
      if (length !== withoutExtensions) refused(() => check(whole.subarray(0, length)));
    }
    refused(() => check(Buffer.concat([whole, Buffer.of(0)])));
  });
});

describe("a key exchange", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keyOf = (key: KeyObject) => parsePublicKey(new Uint8Array(key.export({ type: "spki", format: "der" })));
  const clientRandom = Buffer.alloc(32, 1);
  const serverRandom = Buffer.alloc(32, 2);
  const share = createECDH("prime256v1").generateKeys();

  type Fields = {
    kind?: number;
    curve?: number;
    point?: Buffer;
    algorithm?: readonly [number, number];
    key?: KeyObject;
    signed?: (params: Buffer) => Buffer;
    signature?: Buffer;
    behind?: Buffer;
  };
  function message(fields: Fields = {}): Buffer {
    const { kind = 3, curve = 23, point = share, algorithm = [4, 1], key = rsa.privateKey } = fields;
    const params = Buffer.concat([Buffer.of(kind, curve >> 8, curve & 255, point.length), point]);
    const { signed = (bytes) => Buffer.concat([clientRandom, serverRandom, bytes]) } = fields;
    const signature = fields.signature ?? sign("sha256", signed(params), key);
    const length = Buffer.of(signature.length >> 8, signature.length & 255);
    return Buffer.concat([params, Buffer.from(algorithm), length, signature, fields.behind ?? Buffer.alloc(0)]);
  }
  const question = (body: Buffer, more: Partial<KeyExchangeQuestion> = {}): KeyExchangeQuestion => ({
    body,
    clientRandom,
    serverRandom,
    serverKey: keyOf(rsa.publicKey),
    keyType: "rsa",
    offeredCurves: [23],
    offeredAlgorithms: [
      { hash: 4, sig: 3 },
      { hash: 4, sig: 1 },
    ],
    crypto: nodeCrypto(),
    ...more,
  });
  const check = (fields: Fields, more: Partial<KeyExchangeQuestion> = {}) =>
    verifyKeyExchange(question(message(fields), more));

  it("is taken when the server's key signed it, RSA or EC", () => {
    const { curve, point } = check({});
    assert.equal(curve, 23);
    assert.deepEqual(Buffer.from(point), share);
    const more = { serverKey: keyOf(ec.publicKey), keyType: "ec" } as const;
    assert.equal(check({ key: ec.privateKey, algorithm: [4, 3] }, more).curve, 23);
  });

  for (const algorithm of [
    [0, 0],
    [4, 0],
    [0, 1],
    [4, 9],
    [9, 1],
    [2, 1],
    [1, 1],
    [5, 1],
    [6, 1],
    [4, 2],
    [8, 4],
    [255, 255],
  ] as const)
    it(`is refused with the algorithm bytes ${algorithm.join("/")}, signed and not`, () => {
      const text = /^protocol: a signature algorithm that was not offered/;
      refused(() => check({ algorithm }), text);
      refused(() => check({ algorithm, signature: Buffer.alloc(0) }), text);
    });

  it("is refused for algorithms that this side does not know, though they were offered", () => {
    const offeredAlgorithms = [
      { hash: 0, sig: 0 },
      { hash: 2, sig: 1 },
      { hash: 4, sig: 0 },
    ];
    for (const algorithm of [
      [0, 0],
      [2, 1],
      [4, 0],
    ] as const)
      refused(() => check({ algorithm }, { offeredAlgorithms }), /not offered/);
  });

  it("is refused when something else is signed, or by somebody else", () => {
    const text = /^signature: /;
    refused(() => check({ signed: (params) => params }), text);
    refused(() => check({ signed: (params) => Buffer.concat([serverRandom, clientRandom, params]) }), text);
    refused(() => check({ signature: Buffer.alloc(256, 5) }), text);
    refused(() => check({ signature: Buffer.alloc(0) }), text);
    refused(() => check({ key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }), text);
    const more = { serverKey: keyOf(ec.publicKey), keyType: "ec" } as const;
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    refused(() => check({ key: stranger, algorithm: [4, 3] }, more), text);
    const zeros = Buffer.of(0x30, 6, 2, 1, 1, 2, 1, 0);
    refused(() => check({ signature: zeros, algorithm: [4, 3] }, more), text);
  });

  it("is refused when suite, algorithm and certificate are of different kinds", () => {
    const text = /do not belong together/;
    refused(() => check({ algorithm: [4, 3], key: ec.privateKey }), text);
    refused(() => check({}, { keyType: "ec" }), text);
    refused(() => check({}, { serverKey: keyOf(ec.publicKey) }), text);
  });

  it("is refused for another curve, kind of curve, or a point beside the curve", () => {
    refused(() => check({ curve: 24 }), /^protocol: a curve/);
    refused(() => check({ curve: 29, point: Buffer.alloc(32, 1) }), /^protocol: a curve/);
    refused(() => check({ kind: 1 }), /^protocol: a curve/);
    const off = Buffer.from(share);
    off[64] = (off[64] ?? 0) ^ 1;
    for (const point of [off, Buffer.alloc(0), Buffer.of(0), Buffer.alloc(65, 4), share.subarray(0, 64)])
      refused(() => check({ point }), /^protocol: a point/);
  });

  it("is refused when it is cut at any place or has something behind it", () => {
    const whole = message();
    for (let length = 0; length < whole.length; length++)
      refused(() => verifyKeyExchange(question(whole.subarray(0, length))));
    refused(() => check({ behind: Buffer.of(0) }));
  });
});

describe("a list of certificates", () => {
  const vector = (bytes: Uint8Array) => Buffer.concat([Buffer.of(0, bytes.length >> 8, bytes.length & 255), bytes]);

  it("is read in its order", () => {
    const list = vector(Buffer.concat([vector(Buffer.of(1, 2)), vector(Buffer.of(3))]));
    assert.deepEqual(
      parseCertificateList(list).map((item) => [...item]),
      [[1, 2], [3]],
    );
    assert.deepEqual(parseCertificateList(vector(Buffer.alloc(0))), []);
  });

  it("is refused when lengths disagree", () => {
    const list = vector(Buffer.concat([vector(Buffer.of(1, 2)), vector(Buffer.of(3))]));
    for (let length = 0; length < list.length; length++) refused(() => parseCertificateList(list.subarray(0, length)));
    refused(() => parseCertificateList(Buffer.concat([list, Buffer.of(0)])));
    refused(() => parseCertificateList(vector(Buffer.of(0, 0, 5, 1))));
  });
});

describe("an exception below TLS", () => {
  it("becomes a refusal, and a refusal stays what it is", () => {
    const refusal = new TlsRefusal("date", "x");
    assert.equal(asRefusal(refusal), refusal);
    const cause = new RangeError("out of range");
    const other = asRefusal(cause);
    assert.equal(other.message, "protocol: out of range");
    assert.equal(other.code, "tls");
    assert.equal(other.cause, cause);
    assert.equal(asRefusal(new Error()).message, "protocol: Error");
    assert.equal(asRefusal(undefined).message, "protocol: undefined");
  });
});
