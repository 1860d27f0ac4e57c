import assert from "node:assert/strict";
import { CONNECTION_TABLE } from "../../modules/mqtt-session/connection-state.js";
import { PacketIds } from "../../modules/mqtt-session/packet-ids.js";
import { publishHeaderSize, subscribeSize } from "../../modules/mqtt-session/packet-size.js";
import { Reassembly } from "../../modules/mqtt-session/reassembly.js";
import { isFilter, isTopic, matchesFilter } from "../../modules/mqtt-session/topic-filter.js";
import { decodeUtf8, encodeUtf8 } from "../../modules/mqtt-session/utf8.js";

describe("connection table", () => {
  it("can be closed in every state", () => {
    for (const state of ["closed", "waiting", "connecting", "connected"] as const) {
      const step = CONNECTION_TABLE[state].close;
      assert.equal(step?.next, "closed");
      assert.ok(step?.effects.includes("silence"));
    }
  });

  it("ignores late events", () => {
    assert.equal(CONNECTION_TABLE.closed.failed, undefined);
    assert.equal(CONNECTION_TABLE.closed.accepted, undefined);
    assert.equal(CONNECTION_TABLE.waiting.failed, undefined);
    assert.equal(CONNECTION_TABLE.connected.open, undefined);
    assert.equal(CONNECTION_TABLE.connected.retry, undefined);
  });
});

describe("topic filters", () => {
  for (const [filter, topic] of [
    ["a/b", "a/b"],
    ["a/+", "a/b"],
    ["a/+", "a/"],
    ["+/+", "/b"],
    ["+", "a"],
    ["#", "a/b/c"],
    ["a/#", "a"],
    ["a/#", "a/b/c"],
    ["a/+/#", "a/b"],
    ["$aws/#", "$aws/things/t"],
    ["$aws/things/t/jobs/+/get/+", "$aws/things/t/jobs/$next/get/accepted"],
    ["ü/+", "ü/字"],
  ] as const)
    it(`${filter} matches ${topic}`, () => assert.ok(matchesFilter(filter, topic)));

  for (const [filter, topic] of [
    ["a/b", "a/B"],
    ["a/b", "a"],
    ["a", "a/b"],
    ["+", "a/b"],
    ["a/+", "a"],
    ["a/+/#", "a"],
    ["#", "$aws/things"],
    ["+/things", "$aws/things"],
    ["+", "$SYS"],
    ["a/b/", "a/b"],
  ] as const)
    it(`${filter} does not match ${topic}`, () => assert.ok(!matchesFilter(filter, topic)));

  it("are told from topics", () => {
    for (const text of ["a", "/", "a//b", "x".repeat(256)]) assert.ok(isTopic(text) && isFilter(text), text);
    for (const text of ["#", "+", "a/#", "+/a/+/#"]) assert.ok(!isTopic(text) && isFilter(text), text);
    for (const text of ["", "a#", "#/a", "a/+b", "\0", "x".repeat(257)])
      assert.ok(!isTopic(text) && !isFilter(text), text);
  });
});

describe("packet ids", () => {
  it("go from 1 to 65535 and round, never 0", () => {
    const ids = new PacketIds(65_533);
    const taken = [ids.take(), ids.take(), ids.take()];
    assert.deepEqual(taken, [65_534, 65_535, 1]);
  });

  it("skip those in use", () => {
    const ids = new PacketIds();
    assert.deepEqual([ids.take(), ids.take()], [1, 2]);
    const round = new PacketIds(65_534);
    assert.deepEqual([round.take(), round.take()], [65_535, 1]);
    for (let count = 0; count < 65_533; count++) round.release(round.take());
    assert.equal(round.take(), 2);
    assert.equal(round.size, 3);
  });

  it("take the release of a free one calmly", () => {
    const ids = new PacketIds();
    ids.release(7);
    assert.equal(ids.size, 0);
  });
});

describe("packet sizes", () => {
  it("are those of the standard", () => {
    assert.equal(publishHeaderSize("a/b", 0, 10), 2 + 2 + 3);
    assert.equal(publishHeaderSize("a/b", 1, 10), 2 + 2 + 3 + 2);
    assert.equal(publishHeaderSize("a", 0, 124), 2 + 3);
    assert.equal(publishHeaderSize("a", 0, 125), 3 + 3);
    assert.equal(publishHeaderSize("ü", 0, 16_380), 4 + 4);
    assert.equal(subscribeSize(["a", "bc"]), 2 + 2 + 4 + 5);
  });
});

describe("reassembly", () => {
  function feed(reassembly: Reassembly, bytes: Uint8Array) {
    for (let position = 0; position < bytes.length; ) {
      const space = reassembly.space(bytes.length - position);
      assert.ok(space.length > 0);
      space.set(bytes.subarray(position, position + space.length));
      reassembly.filled(space.length);
      position += space.length;
    }
  }

  it("returns the message at its end", () => {
    const reassembly = new Reassembly(10);
    assert.equal(reassembly.begin("t", 4, true), undefined);
    feed(reassembly, Uint8Array.of(1, 2));
    feed(reassembly, Uint8Array.of(3, 4));
    assert.deepEqual(reassembly.end(), { topic: "t", payload: Uint8Array.of(1, 2, 3, 4) });
    assert.equal(reassembly.end(), undefined);
  });

  it("takes no memory for a message that is dropped", () => {
    const reassembly = new Reassembly(1_000);
    assert.equal(reassembly.begin("t", 2 ** 28, true), "too-long");
    assert.ok(reassembly.space(100_000).length <= 256);
    assert.equal(reassembly.begin("t", 900, false), "unwanted");
    assert.ok(reassembly.space(900).length <= 256);
    assert.equal(reassembly.end(), undefined);
  });

  it("drops a message that brings more, or less, than it announced", () => {
    const reassembly = new Reassembly(10);
    reassembly.begin("t", 2, true);
    feed(reassembly, Uint8Array.of(1, 2, 3));
    assert.equal(reassembly.end(), undefined);
    reassembly.begin("t", 2, true);
    feed(reassembly, Uint8Array.of(1));
    assert.equal(reassembly.end(), undefined);
  });

  it("drops bytes that have no beginning", () => {
    const reassembly = new Reassembly(10);
    feed(reassembly, Uint8Array.of(1, 2, 3));
    assert.equal(reassembly.end(), undefined);
  });

  it("forgets an unfinished message when the next one begins", () => {
    const reassembly = new Reassembly(10);
    reassembly.begin("old", 5, true);
    feed(reassembly, Uint8Array.of(1));
    reassembly.begin("new", 1, true);
    feed(reassembly, Uint8Array.of(9));
    assert.deepEqual(reassembly.end(), { topic: "new", payload: Uint8Array.of(9) });
  });
});

describe("UTF-8", () => {
  it("agrees with the platform's encoder for every kind of character", () => {
    const samples = [
      "",
      "a",
      "\0",
      "ü",
      "字",
      "😀",
      "\u07ff\u0800\uffff",
      `${"ab😀".repeat(100)}`,
      "\ud800x",
      "x\udc00",
    ];
    for (const sample of samples) {
      const bytes = new TextEncoder().encode(sample);
      assert.deepEqual(encodeUtf8(sample), bytes);
      assert.equal(decodeUtf8(bytes), new TextDecoder().decode(bytes));
    }
  });

  for (const [name, bytes] of Object.entries({
    "a lone continuation": [0x80],
    "an end in mid-character": [0xe5, 0xad],
    "an overlong slash": [0xc0, 0xaf],
    "an overlong three-byte form": [0xe0, 0x80, 0x80],
    "an overlong four-byte form": [0xf0, 0x80, 0x80, 0x80],
    "a surrogate": [0xed, 0xa0, 0x80],
    "beyond Unicode": [0xf4, 0x90, 0x80, 0x80],
    "a byte that never occurs": [0xff],
    "a wrong second byte": [0xc3, 0x28],
  }))
    it(`refuses ${name}`, () => assert.equal(decodeUtf8(Uint8Array.from(bytes)), undefined));
});
