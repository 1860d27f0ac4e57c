import assert from "node:assert/strict";
import fc from "fast-check";
import mqttPacket, { type Packet } from "mqtt-packet";
import { type FramingError, PacketFramer, peekPacket } from "../../../../host-sim/cloud/broker/framing.js";
import { PacketCodec } from "../../../../host-sim/cloud/broker/packet-codec.js";
import * as brokerTopics from "../../../../host-sim/cloud/broker/topics.js";
import { type CloudRequest, queryPairs } from "../../../../host-sim/cloud/message/message.js";
import { matchPath } from "../../../../host-sim/cloud/message/rest-route.js";
import { addressOf, isS3Host } from "../../../../host-sim/cloud/s3/address.js";
import { rangeOf } from "../../../../host-sim/cloud/s3/range.js";
import { HttpRequestParser } from "../../../../host-sim/cloud/virtual/http-parser.js";
import { bytesTarget, textTarget } from "../../../support/fuzz/fuzz-target.js";
import { cutBytes } from "../../../support/fuzz/invariants.js";
import { mutatedBytes, mutatedText } from "../../../support/fuzz/mutations.js";
import { VirtualClock } from "../virtual-clock.js";

const MAX_PACKET = 600;

const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc.constant<Packet>({
    cmd: "connect",
    clientId: "thing-1",
    keepalive: 60,
    clean: true,
    protocolId: "MQTT",
    protocolVersion: 4,
  }),
  fc.constant<Packet>({
    cmd: "connect",
    clientId: "thing-1",
    keepalive: 60,
    clean: true,
    protocolId: "MQTT",
    protocolVersion: 5,
  }),
  fc.constantFrom(0, 1, 130, 500, 700).map(
    (length): Packet => ({
      cmd: "publish",
      topic: "$aws/things/thing-1/jobs/$next/get",
      payload: Buffer.alloc(length),
      qos: 1,
      messageId: 5,
      dup: false,
      retain: false,
    }),
  ),
  fc.constant<Packet>({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a/#", qos: 1 }] }),
  fc.constant<Packet>({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["a/#"] }),
  fc.constant<Packet>({ cmd: "pingreq" }),
  fc.constant<Packet>({ cmd: "disconnect" }),
);
const clientBytes = fc
  .array(packets, { minLength: 1, maxLength: 4 })
  .map((list) => new Uint8Array(Buffer.concat(list.map((packet) => mqttPacket.generate(packet)))));

type Framed = { readonly packets: readonly string[]; readonly error: FramingError | undefined };

function framed(pieces: readonly Uint8Array[]): Framed {
  const framer = new PacketFramer(MAX_PACKET);
  const found: string[] = [];
  for (const piece of pieces) {
    const error = framer.push(piece, (packet) => {
      assert.ok(packet.length >= 2 && packet.length <= MAX_PACKET, `a packet of ${packet.length} bytes`);
      assert.equal(typeof peekPacket(packet).name, "string");
      found.push(packet.toString("hex"));
      return true;
    });
    if (error !== undefined) return { packets: found, error };
  }
  return { packets: found, error: undefined };
}

export const mqttFraming = bytesTarget({
  name: "mqtt-framing",
  reads: "bytes of clients of the local broker, through framing and decoder",
  reaches: ["packets", "malformed", "too-large"],
  data: mutatedBytes(clientBytes),
  check: (bytes, salt) => {
    const whole = framed([bytes]);
    const pieces = cutBytes(bytes, salt);
    assert.deepEqual(framed(pieces), whole, "the same packets however they are cut");
    const framedBytes = whole.packets.reduce((sum, packet) => sum + packet.length / 2, 0);
    assert.ok(framedBytes <= bytes.length);
    const errors: FramingError[] = [];
    const codec = new PacketCodec({
      clock: new VirtualClock(0),
      faults: undefined,
      maxPacketBytes: MAX_PACKET,
      clientId: () => "thing-1",
      write: () => {},
      onPacket: () => {},
      onError: (error) => {
        errors.push(error);
        codec.close();
      },
      onFault: () => assert.fail("no fault was ordered"),
    });
    for (const piece of pieces) codec.receive(piece);
    return errors[0] ?? "packets";
  },
});

const HEAD = "GET /images/app.bin?X-Amz-Signature=s HTTP/1.1\r\nHost: b.s3.localhost\r\nRange: bytes=0-\r\n\r\n";
const requests = fc
  .array(fc.constantFrom(HEAD, "GET / HTTP/1.1\r\nhost:a\r\ncontent-length: 0\r\n\r\n"), { minLength: 1, maxLength: 3 })
  .map((list) => list.join(""));

type Parsed = { readonly requests: readonly CloudRequest[]; readonly bad: boolean };

function parsed(pieces: readonly Uint8Array[]): Parsed {
  const parser = new HttpRequestParser();
  const found: CloudRequest[] = [];
  for (const piece of pieces) {
    const { requests: complete, bad } = parser.push(piece);
    found.push(...complete);
    if (bad) return { requests: found, bad };
  }
  return { requests: found, bad: false };
}

export const httpRequests = textTarget({
  name: "http-request",
  reads: "requests to the virtual image server",
  reaches: ["requests", "bad"],
  data: mutatedText(requests, {
    tokens: [
      "\r\n\r\n",
      "\r\nContent-Length: 5",
      "\r\nHost: x",
      "\r\nTransfer-Encoding: chunked",
      "GET ",
      `\r\nx: ${"y".repeat(900)}`,
    ],
    most: 3,
  }),
  check: (text, salt) => {
    const bytes = new Uint8Array(Buffer.from(text, "latin1"));
    const whole = parsed([bytes]);
    assert.deepEqual(parsed(cutBytes(bytes, salt)), whole, "the same requests however they are cut");
    for (const { path, headers } of whole.requests) {
      assert.ok(path.startsWith("/") && !/[\s?]/.test(path));
      assert.equal(typeof headers.host, "string");
    }
    return whole.bad ? "bad" : "requests";
  },
});

export const httpTargets = textTarget({
  name: "http-target",
  reads: "paths, queries, hosts and ranges of requests to the local AWS (four, one a line)",
  reaches: ["part", "whole", "unsatisfiable"],
  data: mutatedText(
    fc.constantFrom(
      "/things/a%20b?max=1&x\nmaxResults=5&nextToken=%2B%zz\nb.s3.eu-west-1.amazonaws.com:443\nbytes=0-9",
      "/bucket/key%2fpart/..\n&&=&a=\nlocalhost:9000\nbytes=-5",
      "/things/%24next\nx=1\ns3.localhost\nbytes=100-",
    ),
    { tokens: ["%", "bytes=", "-", ".s3.localhost", "..", "%00"] },
  ),
  check: (text) => {
    const [path = "", query = "", host = "", range = ""] = text.split("\n");
    for (const label of Object.values(matchPath("/things/{thingName}", path) ?? {})) assert.notEqual(label, "");
    for (const pair of queryPairs(query)) assert.equal(pair.length, 2);
    const { bucket, key } = addressOf(host, path);
    assert.ok(bucket !== undefined || key === undefined, "a key without a bucket");
    assert.equal(typeof isS3Host(host), "boolean");
    const answer = rangeOf(range, 100);
    if (answer.kind === "part") {
      const { start, end } = answer;
      assert.ok(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= 100);
    }
    return answer.kind;
  },
});

export const brokerFilters = textTarget({
  name: "broker-topic",
  reads: "topics and filters of clients of the local broker (two, one a line)",
  reaches: ["matches", "differs", "refused"],
  data: mutatedText(fc.constantFrom("a/+/c\na/b/c", "$aws/things/t/jobs/#\n$aws/things/t/jobs/x", "#\na", "a/#\na"), {
    tokens: ["/", "+", "#", "$", "$aws/"],
    most: 3,
  }),
  check: (text) => {
    const [filter = "", topic = ""] = text.split("\n");
    const open = brokerTopics.isFilter(filter) && brokerTopics.isOpenFilter(filter);
    if (!open || /[+#]/.test(topic)) return "refused";
    const found = brokerTopics.matchesFilter(filter, topic);
    if (!brokerTopics.hasWildcard(filter)) assert.equal(found, filter === topic);
    return found ? "matches" : "differs";
  },
});
