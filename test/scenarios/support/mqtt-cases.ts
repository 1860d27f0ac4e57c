import assert from "node:assert/strict";
import type { FaultRule } from "local-aws-iot/virtual";
import type { Chunk, ChunkFate } from "../../../host-sim/board/network/index.js";
import { MQTT_HOST } from "../../../host-sim/world/virtual-cloud.js";
import type { FaultCase } from "./fault-cases.js";
import { MINUTE, type Scenario, THING } from "./scenario.js";

const HALF = 160_000;

const order =
  (...rules: FaultRule[]) =>
  (run: Scenario) => {
    for (const rule of rules) run.world.cloud.mqttFaults.add(rule);
  };

/** In mid-download, where an MQTT fault must not disturb the bytes. */
const inDownload = (action: (run: Scenario) => void) => (run: Scenario) => {
  run.untilLoaded(HALF);
  action(run);
};

const onMqtt =
  (fate: (chunk: Chunk) => ChunkFate | undefined, direction: "toDevice" | "toPeer" = "toDevice") =>
  (run: Scenario) => {
    run.faults = { [direction]: (chunk: Chunk) => (chunk.endpoint.startsWith(MQTT_HOST) ? fate(chunk) : undefined) };
  };

/** All chunks from the one that is next now, of the connection that stands. */
const thisConnection =
  (fate: ChunkFate, direction: "toDevice" | "toPeer" = "toDevice") =>
  (run: Scenario) => {
    let connection: number | undefined;
    onMqtt((chunk) => {
      connection ??= chunk.connection;
      return chunk.connection === connection ? fate : undefined;
    }, direction)(run);
  };

const connects = (run: Scenario) => run.wire.sent("connect").length;
const untouchedDownload = (run: Scenario) =>
  assert.equal(run.wire.requests.length, 1, "the download was not disturbed");

const UPDATE = "/update$";
const ACCEPTED = "/update/accepted$";

/** Every byte on its own. */
const DRIP = Object.freeze({ chunkBytes: 1, bytesPerSecond: 20_000, latencyMs: 0 });

export const MQTT_CONNECTION_CASES: readonly FaultCase[] = Object.freeze([
  ...(["connect", "subscribe", "publish"] as const).map(
    (packet): FaultCase => ({
      fault: `connection closed instead of taking ${packet.toUpperCase()}`,
      reaction: "connects again after a pause, subscribes, asks for the job",
      code: "connection-",
      ends: "SUCCEEDED",
      arrange: order({ direction: "in", packet, kind: "close" }),
    }),
  ),
  ...(["connack", "suback", "publish", "puback"] as const).map(
    (packet): FaultCase => ({
      fault: `connection closed instead of sending ${packet.toUpperCase()}`,
      reaction: "connects again after a pause, subscribes, asks for the job",
      code: "connection-",
      ends: "SUCCEEDED",
      arrange: order({ direction: "out", packet, kind: "close" }),
    }),
  ),
  {
    fault: "connection reset in mid-download",
    reaction: "connects again; the download goes on meanwhile",
    code: "connection-lost",
    ends: "SUCCEEDED",
    act: inDownload((run) => {
      onMqtt(() => "reset")(run);
      run.world.cloud.mqtt.publish(`$aws/things/${THING}/jobs/notify`, '{"timestamp":1,"jobs":{}}');
      run.untilTraced("connection-lost");
      run.faults = {};
    }),
    check: untouchedDownload,
  },
  {
    fault: "connection closed by maintenance in mid-download",
    reaction: "connects again; the download goes on meanwhile",
    code: "connection-lost",
    ends: "SUCCEEDED",
    // The connection is back long before the last store, which the bill of the reconnect is in.
    options: { link: { bytesPerSecond: 40_000 } },
    act: inDownload((run) => run.world.cloud.mqtt.kick(THING)),
    check: untouchedDownload,
  },
  {
    fault: "a packet that breaks off in its middle",
    reaction: "connects again after a pause",
    code: "connection-lost",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", kind: "close-after-bytes", bytes: 40 }),
  },
  {
    fault: "nothing more from the broker, the connection stays",
    reaction: "notices by the missing PINGRESP and connects again",
    code: "liveness-timeout",
    ends: "SUCCEEDED",
    options: { config: { deferMs: 10 * MINUTE } },
    replays: /the application's doing/,
    act: (run) => {
      run.untilState("deferred");
      thisConnection("stall")(run);
      run.untilTraced("liveness-timeout", 3 * MINUTE);
    },
  },
  {
    fault: "an empty message, after which the SDK's client reads no more",
    reaction: "notices by the missing PINGRESP and connects again",
    code: "liveness-timeout",
    ends: "SUCCEEDED",
    options: { config: { deferMs: 10 * MINUTE } },
    replays: /the application's doing/,
    act: (run) => {
      run.untilState("deferred");
      run.world.cloud.mqtt.publish(`$aws/things/${THING}/jobs/notify-next`, "");
      run.untilTraced("mqtt: connected", 5 * MINUTE);
    },
  },
  {
    fault: "nothing more to the broker, the connection stays",
    reaction: "notices within the keep-alive and connects again",
    code: "-",
    ends: "SUCCEEDED",
    options: { config: { deferMs: 10 * MINUTE } },
    replays: /the application's doing/,
    act: (run) => {
      run.untilState("deferred");
      thisConnection("stall", "toPeer")(run);
    },
    check: (run) => assert.ok(connects(run) >= 2),
  },
  {
    fault: "half-close by the broker",
    reaction: "connects again after a pause",
    code: "connection-lost",
    ends: "SUCCEEDED",
    options: { config: { deferMs: 10 * MINUTE } },
    replays: /the application's doing/,
    act: (run) => {
      run.untilState("deferred");
      thisConnection("half-close")(run);
    },
  },
  {
    fault: "a slow drip: every byte on its own",
    reaction: "puts the packets together",
    code: "-",
    ends: "SUCCEEDED",
    options: { link: DRIP },
    // It is about MQTT: the image comes as usual.
    act: (run) => {
      const { network } = run.world.cloud;
      run.untilState("downloading");
      network.link = { ...DRIP, chunkBytes: 4096 };
      run.untilState("verifying");
      network.link = DRIP;
    },
    check: (run) => assert.equal(connects(run), 2, "one connection for each start of the board"),
  },
  {
    fault: "chunks that come 10 s late",
    reaction: "waits",
    code: "-",
    ends: "SUCCEEDED",
    arrange: onMqtt(({ index }) => (index % 2 === 0 ? { delayMs: 10_000 } : undefined)),
    repeats: 1,
  },
  {
    fault: "no CONNACK",
    reaction: "gives the connection up after 60 s, connects again",
    code: "no end of the wait for CONNACK",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", packet: "connack", kind: "drop" }),
  },
  {
    fault: "port 443, where the protocol has to be said in TLS",
    reaction: "the firmware says it by itself",
    code: "-",
    ends: "SUCCEEDED",
    options: { config: { port: 443 } },
    check: (run) => assert.equal(run.traced("no_application_protocol").length, 0),
  },
  {
    fault: "a CONNACK that refuses",
    reaction: "says its code, and tries with growing pauses",
    code: "connack-refused: CONNACK 3: broker unavailable",
    ends: "SUCCEEDED",
    arrange: (run) => {
      let left = 3;
      onMqtt(() => (left-- > 0 ? { bytes: Uint8Array.of(0x20, 2, 0, 3) } : undefined))(run);
    },
  },
  {
    fault: "closed again and again soon after CONNACK, as when another client has the same id",
    reaction: "says at the third time what that may be, and tries with growing pauses",
    code: "taken-over",
    ends: "SUCCEEDED",
    arrange: (run) => {
      for (let times = 0; times < 3; times++) {
        run.untilTraced("mqtt: connected");
        run.pass(3000);
        run.world.cloud.mqtt.kick(THING);
      }
      run.untilTraced("taken-over");
    },
  },
  {
    fault: "bytes that are no MQTT instead of CONNACK",
    reaction: "gives the connection up at once and says what it was",
    code: "not-mqtt",
    ends: "SUCCEEDED",
    arrange: (run) => {
      let left = 1;
      onMqtt(() => (left-- > 0 ? { bytes: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") } : undefined))(run);
    },
  },
  {
    fault: "a packet with a damaged header",
    reaction: "connects again after a pause",
    code: "connection-lost",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", packet: "suback", kind: "corrupt", offset: 0 }),
  },
  {
    fault: "a length that MQTT does not know",
    reaction: "connects again after a pause",
    code: "bad-packet",
    ends: "SUCCEEDED",
    act: inDownload((run) => {
      let left = 1;
      onMqtt(() => (left-- > 0 ? { bytes: Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0xff) } : undefined))(run);
      run.world.cloud.mqtt.publish(`$aws/things/${THING}/jobs/notify`, '{"timestamp":1,"jobs":{}}');
    }),
    check: untouchedDownload,
  },
  {
    fault: "broker away for 20 minutes at the start",
    reaction: "tries with growing pauses",
    code: "mqtt: connect: ",
    ends: "SUCCEEDED",
    arrange: (run) => {
      run.faults = { connect: ({ host }) => (host === MQTT_HOST ? "refuse" : undefined) };
    },
    act: (run) => {
      run.pass(20 * MINUTE);
      run.faults = {};
    },
  },
  {
    fault: "broker away from mid-download until an hour later",
    reaction: "loads, verifies, restarts, and reports when it can",
    code: "self-test-timeout",
    ends: "FAILED",
    act: inDownload((run) => {
      run.world.cloud.mqtt.goAway();
      run.pass(60 * MINUTE);
      run.world.cloud.mqtt.comeBack();
    }),
  },
  {
    fault: "broker away for 4 minutes after the restart",
    reaction: "the self-test waits and passes",
    code: "connection-",
    ends: "SUCCEEDED",
    act: (run) => {
      run.untilState("testing");
      run.world.cloud.mqtt.goAway();
      run.pass(4 * MINUTE - 30_000);
      run.world.cloud.mqtt.comeBack();
    },
  },
] satisfies FaultCase[]);

export const MQTT_MESSAGE_CASES: readonly FaultCase[] = Object.freeze([
  {
    fault: "SUBACK lost",
    reaction: "subscribes again after about 20 s",
    code: "-",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", packet: "suback", kind: "drop" }),
  },
  {
    fault: "PUBACK lost",
    reaction: "the message again, same packet id, with DUP",
    code: "-",
    ends: "SUCCEEDED",
    repeats: 1,
    arrange: order({ direction: "out", packet: "puback", kind: "drop", count: 3 }),
  },
  {
    fault: "the question for the next job lost",
    reaction: "QoS 1 repeats it",
    code: "-",
    ends: "SUCCEEDED",
    arrange: order({ direction: "in", packet: "publish", kind: "drop" }),
  },
  {
    fault: "the answer with the job lost",
    reaction: "asks again after 15 s",
    code: "-",
    ends: "SUCCEEDED",
    arrange: (run) => {
      run.untilTraced("mqtt: connected");
      run.pass(2000);
      order(
        { direction: "out", packet: "publish", topic: "notify-next$", kind: "drop", count: 9 },
        { direction: "out", packet: "publish", topic: "next/get/accepted$", kind: "drop" },
      )(run);
    },
    act: (run) => run.world.cloud.mqtt.kick(THING),
    check: (run) => assert.equal(connects(run), 3, "one more for the kick, one for the restart"),
  },
  {
    fault: "the very first answer lost",
    reaction:
      "subscribes to answers after 15 s; AWS IoT ends the connection, as the policy does not allow it; asks again on the next one",
    code: "connection-lost",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", packet: "publish", topic: "next/get/accepted$", kind: "drop" }),
    check: (run) => assert.equal(connects(run), 3, "one more for the subscription, one for the restart"),
  },
  {
    fault: "the notification lost",
    reaction: "none: the next connection asks",
    code: "-",
    ends: "SUCCEEDED",
    arrange: (run) => {
      run.untilTraced("mqtt: connected");
      run.pass(2000);
      order({ direction: "out", packet: "publish", topic: "notify-next$", kind: "drop", count: 9 })(run);
    },
    act: (run) => {
      run.pass(5 * MINUTE);
      run.world.cloud.mqtt.kick(THING);
    },
  },
  {
    fault: "IN_PROGRESS lost on its way",
    reaction: "not a byte is loaded before it is accepted; sent again",
    code: "-",
    ends: "SUCCEEDED",
    arrange: order({ direction: "in", packet: "publish", topic: UPDATE, kind: "drop" }),
    check: (run) => {
      const accepted = run.wire.packets.find(({ topic }) => new RegExp(ACCEPTED).test(topic));
      assert.ok((accepted?.at ?? Number.POSITIVE_INFINITY) <= (run.wire.requests[0]?.at ?? 0), "R2");
    },
  },
  {
    fault: "the answer to IN_PROGRESS lost",
    reaction: "sent again with the old version: VersionMismatch, the service's version is taken",
    code: "-",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", packet: "publish", topic: ACCEPTED, kind: "drop" }),
    check: untouchedDownload,
  },
  {
    fault: "SUCCEEDED lost on its way",
    reaction: "stays stored and is sent again",
    code: "-",
    ends: "SUCCEEDED",
    repeats: 1,
    act: (run) => {
      run.untilState("testing");
      order({ direction: "in", packet: "publish", topic: UPDATE, kind: "drop" })(run);
    },
  },
  {
    fault: "the answer to SUCCEEDED lost",
    reaction: "sent again; TerminalStateReached settles it",
    code: "-",
    ends: "SUCCEEDED",
    repeats: 1,
    act: (run) => {
      run.untilState("reporting");
      order({ direction: "out", packet: "publish", topic: ACCEPTED, kind: "drop" })(run);
      run.untilState("idle");
    },
  },
  ...(["duplicate", "reorder"] as const).map(
    (kind): FaultCase => ({
      fault: `every message of the broker ${kind === "duplicate" ? "twice" : "in another order"}`,
      reaction: "the repetition is ignored",
      code: "-",
      ends: "SUCCEEDED",
      repeats: kind === "reorder" ? 1 : 0,
      arrange: order({ direction: "out", packet: "publish", kind, count: 100 }),
      check: untouchedDownload,
    }),
  ),
  {
    fault: "every message of the device twice",
    reaction: "the second answer is ignored, the version adopted",
    code: "-",
    ends: "SUCCEEDED",
    arrange: order({ direction: "in", packet: "publish", kind: "duplicate", count: 100 }),
    check: untouchedDownload,
  },
  {
    fault: "answers 12 s late",
    reaction: "waits",
    code: "-",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", packet: "publish", kind: "delay", ms: 12_000, count: 100 }),
    check: untouchedDownload,
  },
  {
    fault: "answers 18 s late, after the time-out",
    reaction: "asks again; the late answer does no harm",
    code: "-",
    ends: "SUCCEEDED",
    repeats: 4,
    arrange: order({ direction: "out", packet: "publish", kind: "delay", ms: 18_000, count: 12 }),
    check: untouchedDownload,
  },
  {
    fault: "an answer with a damaged byte",
    reaction: "dropped as malformed, asked again",
    code: "malformed-response",
    ends: "SUCCEEDED",
    arrange: order({ direction: "out", packet: "publish", topic: "next/get/accepted$", kind: "corrupt" }),
  },
  {
    fault: "a message of 60 KB",
    reaction: "dropped, the connection stays",
    code: "message-too-long",
    ends: "SUCCEEDED",
    act: inDownload((run) => {
      run.world.cloud.mqtt.publish(`$aws/things/${THING}/jobs/notify-next`, `{"filler":"${"f".repeat(60_000)}"}`);
    }),
    check: (run) => {
      untouchedDownload(run);
      assert.equal(connects(run), 2);
    },
  },
  {
    fault: "notifications for another thing, without JSON, or of another shape",
    reaction: "dropped",
    code: "malformed-response",
    ends: "SUCCEEDED",
    act: inDownload((run) => {
      const topic = `$aws/things/${THING}/jobs/notify-next`;
      for (const payload of ["null", "[]", "{", '{"execution":7}', '{"execution":{"jobId":7}}', "\u0000\uffff"])
        run.world.cloud.mqtt.publish(topic, payload);
      run.world.cloud.mqtt.publish("$aws/things/board-2/jobs/notify-next", '{"timestamp":1}');
    }),
    check: untouchedDownload,
  },
] satisfies FaultCase[]);
