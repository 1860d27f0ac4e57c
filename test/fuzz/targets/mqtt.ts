import assert from "node:assert/strict";
import fc from "fast-check";
import { MqttParser } from "../../../host-sim/ports/mqtt-parser.js";
import { Reassembly } from "../../../modules/mqtt-session/reassembly.js";
import { isFilter, isTopic, MAX_TOPIC_BYTES, matchesFilter } from "../../../modules/mqtt-session/topic-filter.js";
import { bytesTarget, textTarget } from "../../support/fuzz/fuzz-target.js";
import { mutatedBytes, mutatedText } from "../../support/fuzz/mutations.js";
import { serverPackets } from "./mqtt-packets.js";

const MAX_MESSAGE = 512;
/** What a message that is dropped passes through. */
const SCRATCH = 256;

const BEGIN_STEP = 11;
/** Messages as the client hands them on: begun, taken in pieces that add up, ended. */
const wholeMessages = fc
  .array(
    fc.constantFrom(
      [5, 0x40 + 55, 0xc0],
      [5, 0x40 + 49, 0x40 + 5, 0xc0],
      [0, 0x40, 0xc0],
      [0x2e, 0xbf, 0xbf, 0xbf, 0x40 + 122, 0xc0],
      [0x0f, 0x40 + 20, 0xc0],
      [0x3e, 0xbf, 0xbf, 0x40, 0xc0],
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((messages) => Uint8Array.from(messages.flat()));

/**
 * Each byte of the input is an operation of the client, in any order: a client gone mad must cost no more memory than
 * one message, and must not get a message delivered that did not arrive.
 */
export const mqttFragments = bytesTarget({
  name: "mqtt-fragments",
  reads: "fragments of messages as the SDK's MQTT client hands them on",
  reaches: ["delivered", "dropped", "too-long", "unwanted"],
  data: mutatedBytes(wholeMessages, { donor: fc.uint8Array({ maxLength: 20 }) }),
  check: (operations) => {
    const reassembly = new Reassembly(MAX_MESSAGE);
    let verdict = "dropped";
    let announced: number | undefined;
    let written: number[] = [];
    let next = 0;
    for (const operation of operations) {
      const argument = operation & 0x3f;
      if (operation < 0x40) {
        // One of the lengths is the longest that a packet can announce.
        const length = argument === 0x3e ? 268_435_455 : 1 + argument * BEGIN_STEP;
        const reason = reassembly.begin("t", length, argument % 16 !== 15);
        if (reason !== undefined) verdict = reason;
        announced = reason === undefined ? length : undefined;
        written = [];
      } else if (operation < 0xc0) {
        for (let left = operation - 0x3f, turns = 0; left > 0; turns++) {
          assert.ok(turns < 1000, "every turn takes bytes");
          const space = reassembly.space(left);
          assert.ok(space.length >= 1 && space.length <= left, `${space.length} bytes of space for ${left}`);
          assert.ok(space.buffer.byteLength <= Math.max(MAX_MESSAGE, SCRATCH), "memory is bounded");
          for (let index = 0; index < space.length; index++) {
            space[index] = next & 0xff;
            written.push(next & 0xff);
            next += 1;
          }
          reassembly.filled(space.length);
          left -= space.length;
        }
      } else {
        const message = reassembly.end();
        if (message !== undefined) {
          assert.equal(message.payload.length, announced, "exactly what was announced");
          assert.deepEqual([...message.payload], written);
          verdict = "delivered";
        }
        announced = undefined;
      }
    }
    return verdict;
  },
});

type Event = string;

function eventsOf(bytes: Uint8Array): { readonly events: readonly Event[]; readonly end: string } {
  const parser = new MqttParser();
  const events: Event[] = [];
  let payload = 0;
  for (const byte of bytes) {
    if (payload > 0) {
      payload -= 1;
      continue;
    }
    if (parser.wedged) return { events, end: "wedged" };
    try {
      const parsed = parser.take(byte);
      if (parsed.kind === "invalid") return { events, end: parsed.reason };
      if (parsed.kind === "publish") {
        payload = parsed.publish.byteLength;
        assert.ok(payload > 0 && parsed.publish.topic.length > 0);
      }
      if (parsed.kind !== "more") events.push(parsed.kind);
    } catch (error) {
      // As the SDK's parser: the one exception it has, which the guard around the socket takes.
      assert.ok(error instanceof TypeError && error.message === "invalid UTF-8", String(error));
      return { events, end: "invalid UTF-8" };
    }
  }
  return { events, end: "open" };
}

export const mqttStream = bytesTarget({
  name: "mqtt-stream",
  reads: "the broker's bytes, in the simulator's stand-in for the SDK's parser",
  reaches: ["open", "wedged", "invalid operation", "invalid UTF-8", "bad parse state"],
  data: mutatedBytes(serverPackets),
  check: (bytes) => eventsOf(bytes).end,
});

const words = ["a", "b", "$aws", "things", "+", "#", "/", "", "\0", "jobs", "x".repeat(300)];
const filters = fc.array(fc.constantFrom("a", "b", "+", "#", "", "$aws"), { minLength: 1, maxLength: 6 });

/** By the words of the standard: level by level, without a word on speed. [MQTT 3.1.1, 4.7] */
function matches([wanted, ...filter]: readonly string[], [level, ...rest]: readonly string[]): boolean {
  if (wanted === undefined) return level === undefined;
  if (wanted === "#") return true;
  return level !== undefined && (wanted === "+" || wanted === level) && matches(filter, rest);
}

export const topicFilter = textTarget({
  name: "topic-filter",
  reads: "topics and filters, from the broker and the application (two, one a line)",
  reaches: ["matches", "differs", "no topic"],
  data: fc
    .tuple(filters, filters)
    .chain(([filter, topic]) =>
      mutatedText(fc.constant(`${filter.join("/")}\n${topic.join("/")}`), { tokens: words, most: 2 }),
    ),
  check: (text) => {
    const [filter = "", topic = ""] = text.split("\n");
    const found = matchesFilter(filter, topic);
    if (isTopic(topic)) {
      assert.ok(isFilter(topic), "every topic is a filter");
      assert.ok(Buffer.byteLength(topic) <= MAX_TOPIC_BYTES);
    }
    if (!isFilter(filter) || !isTopic(topic)) return "no topic";
    const reserved = topic.startsWith("$") && /^[+#]/.test(filter);
    // `a/#` includes `a` itself.
    const expected = !reserved && (matches(filter.split("/"), topic.split("/")) || filter === `${topic}/#`);
    assert.equal(found, expected, `${filter} and ${topic}`);
    return found ? "matches" : "differs";
  },
});
