import assert from "node:assert/strict";
import { DEVICE_POLICY_NAME, devicePolicyDocument } from "local-aws-iot/facts";
import type { Packet } from "mqtt-packet";
import { MQTT_HOST } from "../../../host-sim/world/virtual-cloud.js";
import { HOUR, MINUTE, type Scenario, THING } from "../support/scenario.js";
import type { QualificationCase } from "./case.js";

/** What the session waits for CONNACK, counted from the name's resolution. */
const CONNECT_TIMEOUT_MS = 60_000;
const ACK_TIMEOUT_MS = 20_000;
/** The ack time-out counts in quarters, and the network takes its time too. */
const ACK_LATEST_MS = 1.25 * ACK_TIMEOUT_MS + 100;
/** A connection that lasted longer starts the back-off again. */
const STABLE_MS = 30_000;
const BACKOFF_BASE_MS = 1000;
const BACKOFF_CAP_MS = 120_000;
/** After a connection that stood; the back-off comes on top. */
const RECONNECT_PAUSE_MS = 1000;
/** Name, TCP and TLS, until CONNECT is on the wire. */
const HANDSHAKE_MS = 500;

const TELEMETRY = `telemetry/${THING}`;

const bound = (failures: number) => Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const connects = (run: Scenario) => run.wire.sent("connect");
const lose = (run: Scenario, packet: Packet["cmd"], count: number) =>
  run.world.cloud.mqttFaults.add({ direction: "out", packet, kind: "drop", count });

/** ms between the CONNECT packets, without the time that the device waits for CONNACK. */
function pauses(run: Scenario, from: number, to: number): number[] {
  const times = connects(run).map(({ at }) => at);
  return times.slice(from + 1, to + 1).map((at, index) => at - (times[from + index] ?? 0) - CONNECT_TIMEOUT_MS);
}

function assertWithinBounds(found: readonly number[], failuresBefore = 0): void {
  for (const [index, pause] of found.entries()) {
    const most = bound(failuresBefore + index) + HANDSHAKE_MS;
    assert.ok(pause >= 0 && pause <= most, `pause ${index + 1} is ${pause} ms, at most ${most}`);
  }
}

/** Lets the device be connected, and through with its first questions. */
function connected(run: Scenario, limitMs = HOUR): void {
  run.untilTraced("mqtt: connected", limitMs);
  run.pass(5000);
}

/** Packets in both directions of the latest connection. */
function lastConnection(run: Scenario) {
  const connection = connects(run).at(-1)?.connection;
  return run.wire.packets.filter((seen) => seen.connection === connection);
}

function connack(run: Scenario): { returnCode: unknown; sessionPresent: boolean } {
  for (const { packet } of lastConnection(run)) {
    if (packet.cmd === "connack") return { returnCode: packet.returnCode, sessionPresent: packet.sessionPresent };
  }
  return assert.fail("no CONNACK on the last connection");
}

/** No connection to the broker for so long. */
function away(run: Scenario, ms: number): void {
  run.faults = { connect: ({ host }) => (host === MQTT_HOST ? "refuse" : undefined) };
  run.world.cloud.mqtt.kick(THING);
  run.pass(ms);
}

async function provesItself(run: Scenario): Promise<void> {
  await run.publish();
  run.succeeds();
  await run.intact({ repeats: 1 });
}

export const DEVICE_ADVISOR_CASES: readonly QualificationCase[] = Object.freeze([
  {
    name: "MQTT_Connect_Jitter_Backoff_Retries",
    checks: "twice five CONNECTs without CONNACK: random pauses within growing bounds, and the sixth attempt succeeds",
    options: { off: true },
    xs: true,
    play: async (run) => {
      lose(run, "connack", 5);
      run.world.board.powerOn();
      connected(run);
      assert.equal(connects(run).length, 6);
      run.pass(STABLE_MS);
      lose(run, "connack", 5);
      run.world.cloud.mqtt.kick(THING);
      connected(run);
      assert.equal(connects(run).length, 12);
      const rounds = [pauses(run, 0, 5), pauses(run, 6, 11)];
      assertWithinBounds(rounds[0] ?? []);
      assertWithinBounds(rounds[1] ?? [], 1);
      const shares = rounds.flatMap((round, failures) => round.map((ms, index) => ms / bound(index + failures)));
      assert.equal(new Set(shares).size, 10, `every pause is another part of its bound: ${shares}`);
      assert.ok(Math.max(...shares) - Math.min(...shares) > 0.3, `the parts are spread: ${shares}`);
      await provesItself(run);
    },
  },
  {
    name: "MQTT_Connect_Exponential_Backoff_Retries",
    checks: "28 CONNECTs without CONNACK: the pauses grow exponentially to the cap of 120 s and never beyond",
    options: { off: true },
    play: async (run) => {
      lose(run, "connack", 28);
      run.world.board.powerOn();
      connected(run, 3 * HOUR);
      const found = pauses(run, 0, 28);
      assert.equal(found.length, 28);
      assertWithinBounds(found);
      const capped = found.slice(8);
      assert.ok(Math.max(...capped) > BACKOFF_CAP_MS / 2, `${found}`);
      assert.ok(mean(capped) > BACKOFF_CAP_MS / 4 && mean(capped) < (BACKOFF_CAP_MS * 3) / 4, `${found}`);
      await provesItself(run);
    },
  },
  {
    name: "MQTT_ReconnectionAfterSuccessfulConnection",
    checks:
      "closed by the server right after CONNACK: at least a second passes before the next CONNECT, however the jitter falls",
    play: async (run) => {
      for (let count = 1; count <= 10; count++) {
        connected(run);
        run.pass(STABLE_MS);
        const kicked = run.now;
        run.world.cloud.mqtt.kick(THING);
        run.until(() => connects(run).length === count + 1, "another CONNECT");
        const pause = run.now - kicked;
        assert.ok(pause >= RECONNECT_PAUSE_MS, `${pause} ms`);
        assert.ok(pause <= RECONNECT_PAUSE_MS + bound(0) + HANDSHAKE_MS, `${pause} ms`);
      }
      await provesItself(run);
    },
  },
  {
    name: "MQTT_Reconnect_Backoff_Retries_On_Server_Disconnect",
    checks:
      "closed by the server eight times right after CONNACK: pauses with jitter and growing bounds, subscribed again each time",
    play: async (run) => {
      const found: number[] = [];
      for (let count = 1; count <= 8; count++) {
        connected(run);
        const { length } = connects(run);
        assert.equal(length, count);
        assert.ok(lastConnection(run).some(({ packet }) => packet.cmd === "subscribe"));
        const kicked = run.now;
        run.world.cloud.mqtt.kick(THING);
        run.until(() => connects(run).length > length, "another CONNECT");
        found.push(run.now - kicked - RECONNECT_PAUSE_MS);
      }
      assertWithinBounds(found);
      assert.equal(new Set(found).size, found.length, `no pause is like another: ${found}`);
      assert.ok(Math.max(...found.slice(4)) > bound(3), `the pauses grow: ${found}`);
      connected(run);
      run.pass(STABLE_MS);
      const kicked = run.now;
      run.world.cloud.mqtt.kick(THING);
      run.untilTraced("mqtt: connected");
      assert.ok(
        run.now - kicked <= RECONNECT_PAUSE_MS + bound(0) + HANDSHAKE_MS,
        "a connection that lasted starts the back-off again",
      );
      await provesItself(run);
    },
  },
  {
    name: "MQTT_Reconnect_Backoff_Retries_On_Unstable_Connection",
    checks:
      "connections that break at any place: each is followed by another with CONNECT and SUBSCRIBE, and the update is complete",
    xs: true,
    options: { off: true },
    play: async (run) => {
      const broken = new Set<number>();
      run.faults = {
        toDevice: ({ endpoint, connection, index }) => {
          if (!endpoint.startsWith(MQTT_HOST) || broken.size >= 8 || index < 1 + (broken.size % 5)) return undefined;
          broken.add(connection);
          return "reset";
        },
      };
      run.world.board.powerOn();
      await run.publish();
      run.succeeds();
      assert.equal(broken.size, 8);
      const connections = connects(run).map(({ connection }) => connection);
      assert.ok(connections.length >= 8 + 2, "one for each break, one for each start of the board");
      for (const connection of connections) {
        const packets = run.wire.packets.filter((seen) => seen.connection === connection);
        const accepted = packets.some(({ packet }) => packet.cmd === "connack");
        const subscribed = packets.some(({ packet }) => packet.cmd === "subscribe");
        assert.ok(subscribed || !accepted || broken.has(connection), `connection ${connection} has subscriptions`);
      }
      await run.intact({ repeats: 1 });
    },
  },
  {
    name: "MQTT_Publish_Retry_No_Puback",
    checks:
      "QoS 1 without PUBACK: again on the same connection with DUP, packet id and payload the same; then on the next one",
    options: { off: true, config: { telemetry: TELEMETRY } },
    xs: true,
    play: async (run) => {
      allowTelemetry(run);
      // Two, since the question for the next job goes out as well; its answer settles that one.
      lose(run, "puback", 2);
      run.world.board.powerOn();
      run.until(() => telemetry(run).length >= 2, "two PUBLISHes", 5 * MINUTE);
      const [first, second] = telemetry(run);
      assert.ok(first !== undefined && second !== undefined);
      assert.deepEqual([first.qos, first.dup, second.dup], [1, false, true]);
      assert.deepEqual([second.id, second.payload], [first.id, first.payload]);
      assert.equal(second.connection, first.connection, "without a new connection before");
      assert.ok(second.at - first.at >= ACK_TIMEOUT_MS && second.at - first.at <= ACK_LATEST_MS);
      run.pass(MINUTE);
      assert.equal(telemetry(run).length, 2, "the PUBACK of the repetition ends it");
      assert.equal(connects(run).length, 1);
      assert.equal(run.traced("telemetry acknowledged").length, 1);
      // The repetition stays unanswered too: the connection is replaced.
      run.world.board.powerCut();
      lose(run, "puback", 3);
      run.world.board.powerOn();
      run.untilTraced("telemetry acknowledged");
      const copies = telemetry(run).slice(2);
      assert.deepEqual(
        copies.map(({ dup }) => dup),
        [false, true, true],
      );
      assert.equal(new Set(copies.map(({ id }) => id)).size, 1);
      assert.equal(new Set(copies.map(({ connection }) => connection)).size, 2);
      await provesItself(run);
    },
  },
  {
    name: "MQTT_Subscribe_Retry_No_Suback",
    checks: "a SUBSCRIBE without SUBACK is repeated on the same connection with the same packet id and filters",
    options: { off: true },
    play: async (run) => {
      lose(run, "suback", 1);
      run.world.board.powerOn();
      run.until(() => run.wire.packets.some(({ packet }) => packet.cmd === "suback"), "SUBACK", 2 * MINUTE);
      const sent = run.wire.sent("subscribe");
      const [first, second] = sent;
      assert.ok(first?.packet.cmd === "subscribe" && second?.packet.cmd === "subscribe");
      assert.equal(second.packet.messageId, first.packet.messageId);
      assert.deepEqual(second.packet.subscriptions, first.packet.subscriptions);
      assert.equal(second.connection, first.connection);
      assert.ok(second.at - first.at >= ACK_TIMEOUT_MS && second.at - first.at <= ACK_LATEST_MS);
      assert.equal(sent.length, 2);
      await provesItself(run);
    },
  },
  {
    name: "MQTT_No_Ack_PingResp",
    checks:
      "without PINGRESP, SUBACK and PUBACK the device gives the connection up within 1.5 keep-alives and a half, and connects anew",
    play: async (run) => {
      connected(run);
      run.pass(STABLE_MS);
      for (const packet of ["pingresp", "suback", "puback"] as const) lose(run, packet, 1000);
      const start = run.now;
      run.until(() => connects(run).length === 2, "another CONNECT", 5 * MINUTE);
      const keepAliveMs = 60_000;
      assert.ok(run.wire.sent("pingreq").length >= 1);
      assert.ok(run.now - start <= 2 * keepAliveMs, `after ${run.now - start} ms`);
      run.world.cloud.mqttFaults.clear();
      run.pass(2 * MINUTE);
      assert.equal(run.world.board.sockets.size, 1, "the dead connection is closed");
      await provesItself(run);
    },
  },
  {
    name: "MQTT_Persistent_Session_Happy_Case",
    checks:
      "CONNECT without clean session; what was stored meanwhile arrives before SUBACK, is acknowledged and acted upon",
    options: { config: { clean: false } },
    xs: true,
    play: async (run) => {
      connected(run);
      const first = connects(run)[0]?.packet;
      assert.ok(first?.cmd === "connect" && first.clean === false);
      away(run, 2 * MINUTE);
      await run.publish();
      run.pass(MINUTE);
      run.faults = {};
      connected(run);
      assert.deepEqual(connack(run), { returnCode: 0, sessionPresent: true });
      const packets = lastConnection(run);
      const stored = packets.findIndex(({ topic, direction }) => direction === "down" && /notify-next$/.test(topic));
      const suback = packets.findIndex(({ packet }) => packet.cmd === "suback");
      assert.ok(stored >= 0 && (suback < 0 || stored < suback), "delivered by the session that was kept");
      const message = packets[stored]?.packet;
      assert.ok(message?.cmd === "publish" && message.qos === 1);
      const { messageId } = message;
      assert.ok(packets.some(({ packet }) => packet.cmd === "puback" && packet.messageId === messageId));
      run.succeeds();
      await run.intact();
    },
  },
  {
    name: "MQTT_Expired_Persistent_Session",
    checks:
      "away for longer than the broker keeps the session: every filter is subscribed again, and the update is found",
    options: { config: { clean: false } },
    play: async (run) => {
      connected(run);
      const filters = () =>
        lastConnection(run).flatMap(({ packet }) =>
          packet.cmd === "subscribe" ? packet.subscriptions.map(({ topic }) => topic) : [],
        );
      const before = filters();
      away(run, 2 * HOUR);
      run.faults = {};
      connected(run);
      assert.deepEqual(connack(run), { returnCode: 0, sessionPresent: false });
      assert.ok(before.length > 0);
      assert.deepEqual(filters().sort(), before.sort());
      await provesItself(run);
    },
  },
] satisfies QualificationCase[]);

/** The application's message, each time it was sent. */
function telemetry(run: Scenario) {
  return run.wire.sent("publish").flatMap(({ packet, topic, at, connection }) => {
    if (packet.cmd !== "publish" || topic !== TELEMETRY) return [];
    const { messageId: id, dup, qos, payload } = packet;
    return [{ at, connection, id, dup, qos, payload: String(payload) }];
  });
}

/** The library's own policy allows Jobs alone. */
function allowTelemetry(run: Scenario): void {
  const createdAt = run.now;
  const policy: { Version: string; Statement: unknown[] } = JSON.parse(
    devicePolicyDocument({ region: "us-east-1", account: "123456789012" }),
  );
  const more = {
    Effect: "Allow",
    Action: "iot:Publish",
    Resource: `arn:aws:iot:us-east-1:123456789012:topic/${TELEMETRY}`,
  };
  run.world.cloud.services.registry.putPolicy({
    policyName: DEVICE_POLICY_NAME,
    policyDocument: JSON.stringify({ ...policy, Statement: [...policy.Statement, more] }),
    createdAt,
  });
}
