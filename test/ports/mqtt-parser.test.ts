import assert from "node:assert/strict";
import { MqttParser, type Parsed } from "../../host-sim/ports/mqtt-parser.js";

/** All but "more" that come of the bytes. */
function parse(parser: MqttParser, ...bytes: readonly number[]): Parsed[] {
  return bytes.map((byte) => parser.take(byte)).filter(({ kind }) => kind !== "more");
}

describe("the MQTT port's parser", () => {
  it("takes CONNACK, with and without a reason to refuse", () => {
    assert.deepEqual(parse(new MqttParser(), 0x20, 2, 1, 0), [
      { kind: "control", message: { operation: 2, returnCode: 0 } },
    ]);
    assert.deepEqual(parse(new MqttParser(), 0x20, 2, 0, 5), [
      { kind: "control", message: { operation: 2, returnCode: 5 } },
    ]);
  });

  it("takes acknowledgements one after the other, SUBACK with its codes", () => {
    assert.deepEqual(parse(new MqttParser(), 0x40, 2, 1, 2, 0x90, 4, 0, 7, 1, 128, 0xd0, 0), [
      { kind: "control", message: { operation: 4, id: 258 } },
      { kind: "control", message: { operation: 9, id: 7, payload: [1, 128] } },
      { kind: "control", message: { operation: 13 } },
    ]);
  });

  it("leaves the payload of a PUBLISH to the reader", () => {
    const parser = new MqttParser();
    assert.deepEqual(parse(parser, 0x32, 8, 0, 1, 97, 0, 9), [
      { kind: "publish", publish: { topic: "a", QoS: 1, id: 9, byteLength: 3 } },
    ]);
    assert.deepEqual(parse(parser, 0xd0, 0), [{ kind: "control", message: { operation: 13 } }]);
  });

  it("adds up long lengths", () => {
    const [parsed] = parse(new MqttParser(), 0x30, 0x83, 0x80, 0x01, 0, 1, 97);
    assert.deepEqual(parsed, { kind: "publish", publish: { topic: "a", QoS: 0, id: undefined, byteLength: 16384 } });
  });

  it("is wedged by an empty payload, QoS 0 and 1", () => {
    for (const bytes of [
      [0x30, 3, 0, 1, 97],
      [0x32, 5, 0, 1, 97, 0, 9],
    ]) {
      const parser = new MqttParser();
      assert.deepEqual(parse(parser, ...bytes), []);
      assert.equal(parser.wedged, true);
    }
  });

  it("throws for a topic that is not UTF-8", () => {
    assert.throws(() => parse(new MqttParser(), 0x30, 4, 0, 1, 0xff, 1), TypeError);
  });

  for (const [what, ...bytes] of [
    ["operation 0", 0x00],
    ["operation 15", 0xf0],
    ["a length of five bytes", 0x30, 0x80, 0x80, 0x80, 0x80],
    ["an empty topic", 0x30, 3, 0, 0, 1],
    ["a CONNACK of another length", 0x20, 3],
    ["a packet only clients send, with a body", 0x10, 1],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.equal(parse(new MqttParser(), ...bytes).at(-1)?.kind, "invalid");
    });
  }
});
