import assert from "node:assert/strict";
import { cleanText } from "../../../operator/dashboard/eye/clean-text.js";
import { EARLIER, historyOf, UNKNOWN } from "../../../operator/dashboard/eye/history.js";
import { type Judged, stuckOf } from "../../../operator/dashboard/eye/stuck.js";

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;

describe("history of versions", () => {
  const countsOf = (history: ReturnType<typeof historyOf>, version: string) =>
    history.lines.find((line) => line.version === version)?.counts ?? [];

  it("has as many devices at each time as there are", () => {
    const versions = new Map([...Array(10).keys()].map((index) => [`b${index}`, index < 6 ? "2" : "1"]));
    const changes = [...Array(6).keys()].map((index) => ({
      at: NOW - (index + 1) * MINUTE,
      thing: `b${index}`,
      from: index === 0 ? "" : "1",
      to: "2",
    }));
    const history = historyOf(changes, versions, NOW);
    for (const [step, at] of history.at.entries())
      assert.equal(
        history.lines.reduce((sum, { counts }) => sum + (counts[step] ?? 0), 0),
        10,
        String(at),
      );
    assert.deepEqual([countsOf(history, "1").at(-1), countsOf(history, "2").at(-1)], [4, 6]);
    assert.deepEqual([countsOf(history, "1")[0], countsOf(history, EARLIER)[0], countsOf(history, "2")[0]], [9, 1, 0]);
    assert.equal(history.at.at(-1), NOW);
  });

  it("goes back and forth with a device that was rolled back", () => {
    const changes = [
      { at: NOW - 10 * MINUTE, thing: "b", from: "1", to: "2" },
      { at: NOW - 5 * MINUTE, thing: "b", from: "2", to: "1" },
    ];
    const history = historyOf(changes, new Map([["b", "1"]]), NOW);
    const twos = countsOf(history, "2");
    assert.ok(twos.includes(1));
    assert.deepEqual([twos[0], twos.at(-1)], [0, 0]);
  });

  it("leaves out things that are there no more, and stands still without changes", () => {
    const changes = [{ at: NOW - MINUTE, thing: "gone", from: "1", to: "2" }];
    const history = historyOf(changes, new Map([["b", ""]]), NOW);
    assert.deepEqual(
      history.lines.map(({ version, counts }) => [version, new Set(counts).size]),
      [[UNKNOWN, 1]],
    );
  });

  it("has the oldest version first, by number", () => {
    const versions = new Map([
      ["a", "1.0.10"],
      ["b", "1.0.9"],
      ["c", ""],
    ]);
    const { lines } = historyOf([], versions, NOW);
    assert.deepEqual(
      lines.map(({ version }) => version),
      [UNKNOWN, "1.0.9", "1.0.10"],
    );
  });
});

describe("a device that is stuck", () => {
  const PATIENCE = { progressMs: 15 * MINUTE, beginMs: 60 * MINUTE, silentMs: 24 * 60 * MINUTE };
  const WELL: Judged = {
    thing: "b",
    version: "1",
    project: "",
    slot: "",
    status: "SUCCEEDED",
    jobId: "j",
    state: "",
    progress: "",
    code: "",
    detail: "",
    heardAt: NOW,
    connected: null,
    queuedAt: NOW - MINUTE,
    lastUpdatedAt: NOW,
  };
  const judge = (part: Partial<Judged>) => stuckOf({ ...WELL, ...part }, PATIENCE, NOW);

  for (const [title, part] of [
    ["has it", {}],
    ["has no job", { status: "" }],
    ["is at it and says so", { status: "IN_PROGRESS", lastUpdatedAt: NOW - 14 * MINUTE }],
    ["has just been asked to", { status: "QUEUED", queuedAt: NOW - 59 * MINUTE }],
    ["ran the version before", { status: "REJECTED", code: "same-version" }],
    ["was canceled", { status: "CANCELED" }],
    ["is connected, whenever it spoke", { connected: true, heardAt: NOW - 48 * 60 * MINUTE }],
    ["says nothing, where nothing tells whether it is connected", { status: "", heardAt: NOW - 99 * 60 * MINUTE }],
    ["was never heard of", { status: "", heardAt: 0, connected: false }],
  ] as const)
    it(`is not one that ${title}`, () => assert.equal(judge(part), null));

  for (const [part, why, text, todo] of [
    [{ status: "FAILED", code: "tls", detail: "date: off" }, "failed", "tls: date: off", /clock/],
    [{ status: "FAILED", code: "tls" }, "failed", "tls", /clock/],
    [{ status: "REJECTED", code: "image-chip" }, "refused", "image-chip", /right group/],
    [{ status: "REJECTED", code: "of-an-application" }, "refused", "of-an-application", /^$/],
    [{ status: "TIMED_OUT" }, "timed-out", "timed-out", /./],
    [
      { status: "IN_PROGRESS", state: "downloading", progress: "45%", lastUpdatedAt: NOW - 16 * MINUTE },
      "no-progress",
      "no progress at downloading 45%",
      /network/,
    ],
    [
      { status: "IN_PROGRESS", connected: false, lastUpdatedAt: NOW - 16 * MINUTE },
      "no-progress",
      "no progress at its beginning, and it is offline",
      /network/,
    ],
    [{ status: "QUEUED", queuedAt: NOW - 61 * MINUTE }, "not-begun", "has not taken the job", /connects/],
    [{ connected: false, heardAt: NOW - 25 * 60 * MINUTE }, "silent", "offline", /power/],
  ] as const)
    it(`is one with the reason "${text}"`, () => {
      const stuck = judge(part);
      assert.deepEqual([stuck?.why, stuck?.text], [why, text]);
      assert.match(stuck?.todo ?? "", todo);
    });
});

describe("a text of a device", () => {
  it("loses what could turn, hide or end other text, and keeps its letters", () => {
    assert.equal(cleanText("a\u202eb\u0007c\u200bd\ud800e"), "a\ufffdb\ufffdc\ufffdd\ufffde");
    assert.equal(cleanText("Köln 東京 <b>&"), "Köln 東京 <b>&");
  });
});
