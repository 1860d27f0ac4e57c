import assert from "node:assert/strict";
import { connect } from "node:tls";
import { generate, type Packet } from "mqtt-packet";
import { VirtualCloud } from "../support/virtual-cloud.js";
import { nextEvent, TlsCloud } from "./tls-cloud.js";

const CONNECT = { cmd: "connect", protocolId: "MQTT", clean: true, keepalive: 60 } as const;

/** Packets that a client of the library would not send. */
function oddPackets(protocolVersion: 4 | 5): readonly Uint8Array[] {
  const connects: Packet[] = [
    "+",
    "#",
    "a/#",
    "a/+/b",
    "\u0001",
    "é".repeat(64),
    "x".repeat(129),
    "$x",
    "__proto__",
  ].map((clientId) => ({ ...CONNECT, protocolVersion, clientId }));
  const wills: Packet[] = ["#", "$aws/x", "a\u0000b", "x".repeat(300), "/".repeat(20)].map((topic) => ({
    ...CONNECT,
    protocolVersion,
    clientId: "pump",
    will: { topic, payload: Buffer.from("x"), qos: 1, retain: true },
  }));
  return [...connects, ...wills].map((packet) => generate(packet, { protocolVersion }));
}

/** Bytes that begin like a packet of each type and go on like nothing. */
function brokenPackets(): readonly Uint8Array[] {
  const tails = [
    [],
    [0],
    [0xff],
    [0, 0],
    [0, 4, 0x4d],
    [0, 1, 0],
    [0xff, 0xff],
    Array(300).fill(0xc3),
    [0, 3, 0xed, 0xa0, 0x80],
  ];
  return Array.from({ length: 16 }, (_, type) => type << 4).flatMap((first) =>
    [0, 2, 3, 4, 6, 8, 0x0f].flatMap((flags) =>
      tails.map((tail) => {
        const length = tail.length < 128 ? [tail.length] : [(tail.length & 0x7f) | 0x80, tail.length >> 7];
        return Uint8Array.from([first | flags, ...length, ...tail]);
      }),
    ),
  );
}

/** A generator of small numbers that is the same in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1103515245 + 12345) % 2147483648;
    yield state >>> 8;
  }
}

describe("odd packets", () => {
  for (const version of [4, 5] as const) {
    it(`of MQTT ${version === 4 ? "3.1.1" : "5"} leave the service to others as it was`, () => {
      const cloud = new VirtualCloud({});
      try {
        for (const isConnected of [false, true]) {
          for (const bytes of [...oddPackets(version), ...brokenPackets()]) {
            const client = cloud.client("valve", version);
            if (isConnected) client.connect("valve");
            client.sendBytes(bytes);
            client.lose();
          }
        }
        const other = cloud.client("pump", version);
        other.connect("pump");
        assert.deepEqual(other.subscribe(["a"]), [1]);
        other.publish("a", "still here");
        assert.deepEqual(
          other.take().map(({ text }) => text),
          ["still here"],
        );
      } finally {
        cloud.close();
      }
    });

    it(`of MQTT ${version === 4 ? "3.1.1" : "5"} with changed bytes throw nothing into the server`, () => {
      const cloud = new VirtualCloud({});
      const next = numbers(version);
      const number = (below: number) => next.next().value % below;
      const packets: Packet[] = [
        { ...CONNECT, protocolVersion: version, clientId: "pump", username: "u", password: Buffer.from("p") },
        { cmd: "publish", topic: "a/b", payload: "{}", qos: 1, retain: false, dup: false, messageId: 1 },
        {
          cmd: "publish",
          topic: "$aws/things/pump/jobs/get",
          payload: '{"clientToken":"x"}',
          qos: 1,
          retain: false,
          dup: false,
          messageId: 2,
        },
        { cmd: "subscribe", messageId: 3, subscriptions: [{ topic: "a/+", qos: 1 }] },
        { cmd: "unsubscribe", messageId: 4, unsubscriptions: ["a/+"] },
        { cmd: "pingreq" },
      ];
      try {
        for (let round = 0; round < 1500; round++) {
          const client = cloud.client("pump", version);
          if (round % 2 === 0) client.connect("pump");
          for (const packet of packets) {
            const bytes = Uint8Array.from(generate(packet, { protocolVersion: version }));
            for (let changes = number(3); changes > 0; changes--) bytes[number(bytes.length)] = number(256);
            client.sendBytes(bytes);
          }
          client.lose();
        }
        const other = cloud.client("valve", version);
        assert.notEqual(other.connect("valve"), undefined);
      } finally {
        cloud.close();
      }
    });
  }

  it("over TLS leave the service to others as it was", async function () {
    this.timeout(60_000);
    const cloud = await TlsCloud.start();
    try {
      const { pump, pki } = cloud.identities;
      const identity = { cert: pump.certificatePem, key: pump.privateKeyPem, ca: pki.caPem, servername: "localhost" };
      const some = [...oddPackets(4), ...oddPackets(5), ...brokenPackets().filter((_, index) => index % 37 === 0)];
      for (const bytes of some) {
        const socket = connect({ host: "127.0.0.1", port: cloud.broker.port, ...identity });
        socket.on("error", () => {});
        await new Promise((resolve) => socket.once("secureConnect", resolve));
        await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
        const closed = new Promise((resolve) => socket.once("close", resolve));
        socket.end(generate({ cmd: "disconnect" }));
        socket.resume();
        await closed;
      }
      const client = cloud.client({ clientId: "pump" });
      await nextEvent(client, "connect");
      await client.subscribeAsync("a", { qos: 1 });
      const message = nextEvent(client, "message");
      await client.publishAsync("a", "still here", { qos: 1 });
      assert.equal(String((await message)[1]), "still here");
    } finally {
      await cloud.close();
    }
  });
});
