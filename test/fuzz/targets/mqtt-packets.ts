/** What a broker sends, as bytes. */
import fc from "fast-check";
import mqttPacket, { type Packet } from "mqtt-packet";

const ids = fc.integer({ min: 1, max: 65_535 });
const topics = fc.constantFrom(
  "t",
  "$aws/things/thing-1/jobs/notify-next",
  "$aws/things/thing-1/jobs/$next/get/accepted",
  "\u00e4/\u{1f4a9}",
  "x".repeat(200),
);

/** The first request of a client of Jobs whose random numbers are all 0.5. */
export const FIRST_TOKEN = "iiiiii-1";
const execution = {
  jobId: "job-1",
  status: "QUEUED",
  queuedAt: 1,
  lastUpdatedAt: 1,
  versionNumber: 1,
  executionNumber: 1,
};
/** Messages of Jobs, as the device waits for them. */
const messages = fc.constantFrom<readonly [topic: string, payload: object]>(
  ["$aws/things/thing-1/jobs/$next/get/accepted", { clientToken: FIRST_TOKEN, timestamp: 1, execution }],
  ["$aws/things/thing-1/jobs/$next/get/accepted", { clientToken: FIRST_TOKEN, timestamp: 1 }],
  ["$aws/things/thing-1/jobs/$next/get/rejected", { clientToken: FIRST_TOKEN, code: "RequestThrottled", message: "m" }],
  ["$aws/things/thing-1/jobs/$next/get/rejected", { code: { toString: 1 }, message: [] }],
  ["$aws/things/thing-1/jobs/notify-next", { timestamp: 1, execution }],
);

const publish = (topic: string, payload: Buffer, qos: 0 | 1 | 2, messageId: number): Packet => ({
  cmd: "publish",
  ...{ topic, payload, qos, messageId },
  dup: false,
  retain: false,
});

const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc
    .record({
      topic: topics,
      length: fc.constantFrom(1, 2, 30, 127, 128, 600),
      qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      id: ids,
    })
    .map(({ topic, length, qos, id }) => publish(topic, Buffer.alloc(length, "p"), qos, id)),
  messages.map(([topic, payload]) => publish(topic, Buffer.from(JSON.stringify(payload)), 0, 1)),
  ids.map((id): Packet => ({ cmd: "puback", messageId: id })),
  ids.map((id): Packet => ({ cmd: "suback", messageId: id, granted: [1, 128] })),
  ids.map((id): Packet => ({ cmd: "unsuback", messageId: id, granted: [] })),
  fc.constant<Packet>({ cmd: "pingresp" }),
  fc.constant<Packet>({ cmd: "connack", returnCode: 0, sessionPresent: false }),
  fc.constant<Packet>({ cmd: "publish", topic: "t", payload: "", qos: 0, dup: false, retain: false }),
);

/** One to five packets of a server, behind each other. */
export const serverPackets: fc.Arbitrary<Uint8Array> = fc
  .array(packets, { minLength: 1, maxLength: 5 })
  .map((list) => new Uint8Array(Buffer.concat(list.map((packet) => mqttPacket.generate(packet)))));
