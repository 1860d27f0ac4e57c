import assert from "node:assert/strict";
import { TimeLine } from "../../bench/update/time-line.js";
import { idleSpans, pictureOf } from "../../bench/update/trace-picture.js";

const bars = (svg: string) => [
  ...svg.matchAll(/<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="26" fill="#(?!f4)/g),
];

describe("the picture of an update", () => {
  it("has a row and a legend for each activity, an axis with its unit, and a bar for each span in it", () => {
    const svg = pictureOf({
      title: "a < b & c",
      from: 0,
      to: 1000,
      spans: [
        { activity: "erase", from: 100, to: 300 },
        { activity: "write", from: 500, to: 510 },
        { activity: "write", from: 2000, to: 2010 },
      ],
    });
    assert.equal(bars(svg).length, 2);
    for (const label of ["handshake", "round trip", "link", "flash: erase", "flash: write", "processor: idle"])
      assert.ok(svg.split(label).length >= 3, label);
    assert.match(svg, />0 ms</);
    assert.match(svg, />1 s<|>1000 ms<|>900 ms</);
    assert.match(svg, /a &lt; b &amp; c/);
    assert.match(svg, />200 ms</);
  });

  it("draws neighbours that no eye tells apart as one bar", () => {
    const spans = Array.from({ length: 10_000 }, (_, index) => ({
      activity: "link" as const,
      from: index,
      to: index + 0.99,
    }));
    assert.equal(bars(pictureOf({ title: "", from: 0, to: 10_000, spans })).length, 1);
  });

  it("calls the processor idle when neither a command runs nor a byte arrives", () => {
    const spans = [
      { activity: "erase", from: 10, to: 20 },
      { activity: "link", from: 15, to: 30 },
      { activity: "wait", from: 0, to: 90 },
    ] as const;
    assert.deepEqual(
      idleSpans(spans, 0, 100).map(({ from, to }) => [from, to]),
      [
        [0, 10],
        [30, 100],
      ],
    );
  });

  it("knows the handshake, the wait for the first byte, and how long the line is busy with a segment", () => {
    const line = new TimeLine(1000);
    line.opens(0);
    const base = { endpoint: "x:443", connection: 1, sent: 0 };
    line.sent({ ...base, toDevice: false, length: 100, due: 35 }, 30);
    line.sent({ ...base, toDevice: true, length: 5, due: 60 }, 40);
    assert.deepEqual(line.spans, [
      { activity: "handshake", from: 0, to: 30 },
      { activity: "wait", from: 30, to: 60 },
      { activity: "link", from: 55, to: 60 },
    ]);
  });
});
