import assert from "node:assert/strict";
import type { MqttSessionError } from "../../modules/mqtt-session/index.js";
import { linkFailure, timedOut } from "../../modules/mqtt-session/link-failure.js";
import { LossHistory } from "../../modules/mqtt-session/loss-history.js";
import { newSocketSigns, type SocketSigns } from "../../modules/mqtt-session/socket-witness.js";
import { TlsRefusal } from "../../modules/strict-tls/index.js";
import { type BenchOptions, mqttBench } from "../support/mqtt-bench.js";

const signs = (changes: Partial<SocketSigns>): SocketSigns => ({ ...newSocketSigns(), ...changes });
const STOOD = { resolved: true, connected: true, established: true };

describe("MQTT session: why a link failed", () => {
  const cases: [string, Partial<SocketSigns>, accepted: boolean, code: string, message: RegExp][] = [
    ["no address", { ended: false }, false, "dns", /not resolved/],
    ["a refused connection", { resolved: true, ended: true }, false, "connect", /connection failed/],
    ["a socket that cannot be made", { exception: new Error("no memory") }, false, "connection-failed", /no memory/],
    ["TCP that the client waited for in vain", { resolved: true }, false, "connect-timeout", /no end of the TCP conn/],
    [
      "TLS that the client waited for in vain",
      { resolved: true, connected: true },
      false,
      "connect-timeout",
      /no end of the TLS handshake/,
    ],
    [
      "an end within the handshake",
      { resolved: true, connected: true, ended: true },
      false,
      "tls",
      /closed during the handshake/,
    ],
    [
      "a refusal of TLS",
      { ...STOOD, ended: true, exception: new TlsRefusal("name", "router.lan") },
      true,
      "tls",
      /^name: router.lan/,
    ],
    ["an end before CONNACK", { ...STOOD, ended: true }, false, "connection-failed", /closed before CONNACK/],
    ["CONNACK 5", { ...STOOD, head: [0x20, 2, 0, 5], reading: true }, false, "connack-refused", /5: not authorized/],
    ["CONNACK 2", { ...STOOD, head: [0x20, 2, 0, 2], reading: true }, false, "connack-refused", /2: client id/],
    ["CONNACK 9", { ...STOOD, head: [0x20, 2, 0, 9], reading: true }, false, "connack-refused", /9: unknown/],
    ["HTTP", { ...STOOD, head: [0x48, 0x54, 0x54, 0x50], ended: true }, false, "not-mqtt", /HTTP.*ALPN/],
    ["another protocol", { ...STOOD, head: [0x53], ended: true }, false, "not-mqtt", /no CONNACK/],
    ["a parser that gave up", { ...STOOD, reading: true }, true, "bad-packet", /not MQTT/],
    [
      "a parser that threw",
      { ...STOOD, reading: true, ended: true, exception: new TypeError("UTF-8") },
      true,
      "bad-packet",
      /UTF-8/,
    ],
    ["a ping without an answer", STOOD, true, "liveness-timeout", /ping/],
    ["an end", { ...STOOD, ended: true }, true, "connection-lost", /broker or the network/],
    ["a write that threw", { ...STOOD, exception: new Error("closed") }, true, "connection-lost", /closed/],
  ];
  for (const [title, changes, accepted, code, message] of cases)
    it(`is ${code} after ${title}`, () => {
      const failure = linkFailure(signs(changes), true, accepted);
      assert.equal(failure.code, code);
      assert.match(failure.message, message);
    });

  it("is told by the step that was not over when there is no CONNACK", () => {
    const step = (changes: Partial<SocketSigns>, secure = true) => timedOut(signs(changes), secure).message;
    assert.equal(step({}), "no end of the name look-up");
    assert.equal(step({ resolved: true }), "no end of the TCP connection");
    assert.equal(step({ resolved: true, connected: true }), "no end of the TLS handshake");
    assert.equal(step({ resolved: true }, false), "no end of the TCP connection");
    assert.equal(step(STOOD), "no end of the wait for CONNACK");
  });
});

describe("MQTT session: what is inferred from losses", () => {
  const SUBSCRIBE = "SUBSCRIBE a";

  it("is a policy when the same packet is unanswered twice in a row", () => {
    const history = new LossHistory();
    const codes = [SUBSCRIBE, SUBSCRIBE, SUBSCRIBE, "PUBLISH b", "PUBLISH b"].map(
      (unanswered) => history.lost({ soon: true, unanswered }).code,
    );
    assert.deepEqual(codes, [
      "connection-lost",
      "policy-disconnect",
      "policy-disconnect",
      "connection-lost",
      "policy-disconnect",
    ]);
  });

  it("names the packet already at the first loss", () => {
    assert.match(
      new LossHistory().lost({ soon: true, unanswered: SUBSCRIBE }).message,
      /SUBSCRIBE a unanswered: the policy/,
    );
  });

  it("is another client when connections end soon three times in a row, with nothing unanswered", () => {
    const history = new LossHistory();
    const lose = (soon: boolean, unanswered?: string) => history.lost({ soon, unanswered }).code;
    assert.deepEqual(
      [lose(true), lose(true), lose(true), lose(true)],
      ["connection-lost", "connection-lost", "taken-over", "taken-over"],
    );
    assert.equal(lose(false), "connection-lost", "it stood for a while");
    assert.deepEqual([lose(true), lose(true, SUBSCRIBE), lose(true), lose(true)], Array(4).fill("connection-lost"));
  });

  it("starts anew after any other failure", () => {
    const history = new LossHistory();
    history.lost({ soon: true, unanswered: SUBSCRIBE });
    history.forget();
    assert.equal(history.lost({ soon: true, unanswered: SUBSCRIBE }).code, "connection-lost");
  });
});

describe("MQTT session: failures as they come", () => {
  function setUp(options: BenchOptions = {}) {
    const bench = mqttBench(options);
    const errors: MqttSessionError[] = [];
    bench.session.observe({ onDisconnected: (error) => errors.push(error) });
    bench.open();
    return { ...bench, errors, last: () => `${errors.at(-1)?.code}: ${errors.at(-1)?.message}` };
  }

  it("tells the code of a CONNACK that refuses, which the SDK's client keeps to itself", () => {
    const bench = setUp({ connect: false });
    bench.client().resolve();
    bench.client().answer(Uint8Array.of(0x20, 2, 0, 5));
    assert.equal(bench.last(), "connack-refused: CONNACK 5: not authorized");
    assert.match(bench.traces.at(-1) ?? "", /^mqtt: connack-refused: CONNACK 5: not authorized; next attempt in /);
  });

  it("tells it also when it comes byte by byte", () => {
    const bench = setUp({ connect: false });
    bench.client().resolve();
    for (const byte of [0x20, 2, 0, 3]) bench.client().answer(Uint8Array.of(byte));
    assert.equal(bench.last(), "connack-refused: CONNACK 3: broker unavailable");
  });

  it("names HTTP in the place of MQTT at once", () => {
    const bench = setUp({ connect: false });
    bench.client().resolve();
    bench.client().answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    bench.timer.settle();
    assert.match(bench.last(), /^not-mqtt: HTTP in the place of MQTT/);
  });

  it("names the policy when the broker closes at the same SUBSCRIBE again", () => {
    const bench = setUp({ answer: false });
    bench.session.subscribe("not/allowed", { onMessage() {} });
    for (let round = 0; round < 2; round++) {
      bench.timer.settle();
      bench.client().fail();
      bench.timer.advance(5_000);
    }
    assert.equal(
      bench.last(),
      "policy-disconnect: closed with SUBSCRIBE not/allowed unanswered: the policy may not allow it",
    );
  });

  it("names a PUBLISH of QoS 1 as well", () => {
    const bench = setUp({ answer: false });
    bench.session.publish("not/allowed", "x");
    bench.timer.settle();
    bench.client().fail();
    bench.timer.settle();
    assert.match(bench.last(), /^connection-lost: closed with PUBLISH not\/allowed unanswered/);
  });

  it("names another client of the same id when it is thrown out again and again", () => {
    const bench = setUp();
    for (let round = 0; round < 3; round++) {
      bench.timer.advance(1_000 * 2 ** round);
      bench.client().fail();
      bench.timer.settle();
    }
    assert.match(bench.last(), /^taken-over: closed 3 times in a row/);
  });

  it("does not suspect anybody when connections last", () => {
    const bench = setUp();
    for (let round = 0; round < 4; round++) {
      bench.timer.advance(60_000);
      bench.client().fail();
      bench.timer.settle();
    }
    assert.equal(bench.last(), "connection-lost: closed by the broker or the network");
  });
});
