import assert from "node:assert/strict";
import { AwsJobs, AwsJobsError, type AwsJobsOptions } from "../../modules/aws-jobs/index.js";
import { type BenchOptions, mqttBench, text } from "../support/mqtt-bench.js";

const PREFIX = "$aws/things/thing-1/jobs/";
const EXECUTION = {
  jobId: "fw-12",
  status: "QUEUED",
  queuedAt: 1767000000,
  lastUpdatedAt: 1767000000,
  versionNumber: 1,
  executionNumber: 1,
  jobDocument: { operation: "app_fw_update" },
};

type Outcome = { error?: AwsJobsError | undefined; result?: unknown };

function setUp(options: Partial<AwsJobsOptions> = {}, benchOptions: BenchOptions = {}) {
  const bench = mqttBench(benchOptions);
  const events: unknown[] = [];
  const jobs = new AwsJobs({
    session: bench.session,
    thingName: "thing-1",
    timer: bench.timer,
    random: () => 0.5,
    onReady: () => events.push("ready"),
    onNotifyNext: (execution) => events.push(execution?.jobId ?? "nothing"),
    onError: (error) => events.push(error.code),
    ...options,
  });
  const outcomes: Outcome[] = [];
  return {
    ...bench,
    jobs,
    events,
    outcomes,
    done: (error: AwsJobsError | undefined, result?: unknown) => void outcomes.push({ error, result }),
    ready() {
      jobs.open();
      bench.open();
      bench.timer.advance(100);
      assert.deepEqual(events, ["ready"]);
      events.length = 0;
    },
    /** The latest request: topic below the prefix, and body. */
    request() {
      bench.timer.settle();
      const packet = bench.sent("publish").at(-1);
      assert.ok(packet !== undefined);
      assert.ok(packet.topic.startsWith(PREFIX));
      const body = JSON.parse(text(packet.payload)) as Record<string, unknown>;
      return { topic: packet.topic.slice(PREFIX.length), body, qos: packet.qos };
    },
    reply(topic: string, message: unknown) {
      bench.client().deliver(PREFIX + topic, typeof message === "string" ? message : JSON.stringify(message));
    },
    /** Answers the latest request on its own topic. */
    answer(verdict: "accepted" | "rejected", message: object) {
      const { topic, body } = this.request();
      this.reply(`${topic}/${verdict}`, { clientToken: body.clientToken, timestamp: 1767000010, ...message });
    },
    codes: () => outcomes.map(({ error }) => error?.code),
  };
}

describe("AWS jobs: subscriptions", () => {
  it("asks for notify-next and nothing else", () => {
    const jobs = setUp();
    jobs.ready();
    assert.deepEqual(
      jobs.sent("subscribe").map(({ filters }) => filters),
      [[`${PREFIX}notify-next`]],
    );
  });

  it("is ready when it is acknowledged, not before", () => {
    const jobs = setUp({}, { answer: false });
    jobs.jobs.open();
    jobs.open();
    jobs.timer.advance(1_000);
    assert.deepEqual(jobs.events, []);
    jobs.client().suback(jobs.sent("subscribe")[0]?.id ?? 0, 1);
    assert.deepEqual(jobs.events, ["ready"]);
  });

  it("becomes ready on a session that is connected already", () => {
    const jobs = setUp();
    jobs.open();
    jobs.jobs.open();
    jobs.timer.advance(100);
    assert.deepEqual(jobs.events, ["ready"]);
  });

  it("is ready again after each reconnect", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.client().fail();
    jobs.timer.advance(1_000);
    assert.deepEqual(jobs.events, ["ready"]);
  });

  it("is not ready when notify-next is refused, and says so", () => {
    const jobs = setUp({}, { answer: false });
    jobs.jobs.open();
    jobs.open();
    jobs.client().suback(jobs.sent("subscribe")[0]?.id ?? 0, 128);
    assert.deepEqual(jobs.events, ["subscribe-refused"]);
  });

  it("unsubscribes at close and leaves the session open", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.close();
    jobs.jobs.close();
    jobs.timer.advance(100);
    assert.deepEqual(
      jobs.sent("unsubscribe").map(({ filters }) => filters),
      [[`${PREFIX}notify-next`]],
    );
    assert.equal(jobs.session.state, "connected");
  });

  for (const name of ["", "a b", "thing/1", "thing+", "x".repeat(129), "ü"])
    it(`refuses the thing name ${JSON.stringify(name.slice(0, 12))}`, () => {
      assert.throws(
        () => setUp({ thingName: name }),
        (error) => error instanceof AwsJobsError && error.code === "invalid-argument",
      );
    });
});

describe("AWS jobs: describe", () => {
  it("asks for the next execution and decodes it", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    const { topic, body, qos } = jobs.request();
    assert.deepEqual([topic, Object.keys(body), qos], ["$next/get", ["clientToken"], 1]);
    jobs.answer("accepted", { execution: EXECUTION });
    assert.deepEqual(jobs.outcomes, [{ error: undefined, result: { ...EXECUTION, statusDetails: {} } }]);
  });

  for (const [name, message] of Object.entries({
    "no execution": {},
    "an empty execution": { execution: {} },
    "a null execution": { execution: null },
  }))
    it(`takes ${name} for "nothing is pending"`, () => {
      const jobs = setUp();
      jobs.ready();
      jobs.jobs.describeNext(jobs.done);
      jobs.answer("accepted", message);
      assert.deepEqual(jobs.outcomes, [{ error: undefined, result: undefined }]);
    });

  it("passes its options for a named job", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describe("fw-12", { executionNumber: 3, includeJobDocument: false }, jobs.done);
    const { topic, body } = jobs.request();
    assert.equal(topic, "fw-12/get");
    assert.deepEqual({ ...body, clientToken: "" }, { executionNumber: 3, includeJobDocument: false, clientToken: "" });
    jobs.answer("accepted", { execution: { ...EXECUTION, jobDocument: undefined } });
    assert.equal(jobs.codes()[0], undefined);
  });

  it("is not confused by jobs that are called like operations", () => {
    const jobs = setUp();
    jobs.ready();
    for (const jobId of ["get", "notify-next", "start-next", "update"]) {
      jobs.jobs.describe(jobId, {}, jobs.done);
      jobs.answer("accepted", { execution: { ...EXECUTION, jobId } });
    }
    assert.deepEqual(
      jobs.outcomes.map(({ result }) => (result as { jobId: string }).jobId),
      ["get", "notify-next", "start-next", "update"],
    );
  });

  it("refuses a malformed job id without sending anything", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describe("a/b", {}, jobs.done);
    assert.equal(jobs.outcomes.length, 0);
    jobs.timer.settle();
    assert.deepEqual(jobs.codes(), ["invalid-argument"]);
    assert.equal(jobs.sent("publish").length, 0);
  });
});

describe("AWS jobs: answers", () => {
  const FILTERS = ["get/accepted", "get/rejected", "update/accepted", "update/rejected"].map(
    (end) => `${PREFIX}+/${end}`,
  );
  const TIMEOUT_MS = 15_000;
  /** Filters of the latest client, from the second SUBSCRIBE on. */
  const answers = (jobs: ReturnType<typeof setUp>) =>
    jobs.sent("subscribe").flatMap(({ filters }) => filters.filter((filter) => FILTERS.includes(filter)));
  const unanswered = (jobs: ReturnType<typeof setUp>) => {
    jobs.jobs.describeNext(jobs.done);
    jobs.timer.advance(TIMEOUT_MS);
    assert.equal(jobs.codes().at(-1), "timeout");
    jobs.timer.settle();
  };

  it("are subscribed after a request stayed without one", () => {
    const jobs = setUp();
    jobs.ready();
    assert.deepEqual(answers(jobs), []);
    unanswered(jobs);
    assert.deepEqual(answers(jobs), FILTERS);
    jobs.jobs.describeNext(jobs.done);
    jobs.answer("accepted", {});
    assert.deepEqual(jobs.codes(), ["timeout", undefined]);
  });

  it("are not subscribed when one ever came by itself", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    jobs.answer("rejected", { code: "InternalError" });
    unanswered(jobs);
    assert.deepEqual(answers(jobs), []);
  });

  it("that are subscribed are delivered once", () => {
    const jobs = setUp();
    jobs.ready();
    unanswered(jobs);
    jobs.jobs.describeNext(jobs.done);
    jobs.request();
    jobs.reply("$next/get/rejected", { code: "InvalidJson" });
    assert.deepEqual(jobs.codes(), ["timeout", "InvalidJson"]);
    assert.deepEqual(jobs.events, []);
  });

  it("that are subscribed are subscribed again on the next connection, with notify-next in one packet", () => {
    const jobs = setUp();
    jobs.ready();
    unanswered(jobs);
    jobs.client().fail();
    jobs.timer.advance(1_000);
    assert.deepEqual(
      jobs.sent("subscribe").map(({ filters }) => filters),
      [[`${PREFIX}notify-next`, ...FILTERS]],
    );
    assert.deepEqual(jobs.events, ["ready"]);
  });

  it("may be refused: requests are made nevertheless, and the refusal is reported", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.settings.answer = false;
    unanswered(jobs);
    jobs.client().suback(jobs.sent("subscribe").at(-1)?.id ?? 0, 128, 128, 128, 128);
    jobs.settings.answer = true;
    assert.deepEqual(jobs.events, ["subscribe-refused", "subscribe-refused", "subscribe-refused", "subscribe-refused"]);
    jobs.jobs.describeNext(jobs.done);
    jobs.answer("accepted", {});
    jobs.client().fail();
    jobs.timer.advance(1_000);
    assert.equal(jobs.events.at(-1), "ready");
    assert.deepEqual(jobs.codes(), ["timeout", undefined]);
  });

  it("are not subscribed on the next connection when the broker ends this one over it", () => {
    const jobs = setUp({}, { keepAlive: 600_000 });
    jobs.ready();
    jobs.settings.answer = false;
    unanswered(jobs);
    assert.deepEqual(answers(jobs), FILTERS);
    jobs.settings.answer = true;
    jobs.client().fail();
    jobs.timer.advance(1_000);
    assert.deepEqual(answers(jobs), []);
    assert.deepEqual(jobs.events, ["ready"]);
    unanswered(jobs);
    assert.deepEqual(answers(jobs), FILTERS);
  });

  it("are unsubscribed at close, and what was learnt is forgotten", () => {
    const jobs = setUp();
    jobs.ready();
    unanswered(jobs);
    jobs.jobs.close();
    jobs.timer.settle();
    assert.deepEqual(
      jobs
        .sent("unsubscribe")
        .flatMap(({ filters }) => filters)
        .sort(),
      [...FILTERS, `${PREFIX}notify-next`].sort(),
    );
    jobs.jobs.open();
    jobs.timer.settle();
    assert.deepEqual(jobs.sent("subscribe").at(-1)?.filters, [`${PREFIX}notify-next`]);
  });
});

describe("AWS jobs: update", () => {
  it("sends every field that is given and none that is not", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.update("fw-12", { status: "IN_PROGRESS" }, jobs.done);
    assert.deepEqual(Object.keys(jobs.request().body), ["status", "clientToken"]);
    const all = {
      status: "IN_PROGRESS",
      statusDetails: { progress: "10" },
      expectedVersion: 2,
      executionNumber: 1,
      stepTimeoutInMinutes: -1,
      includeJobExecutionState: true,
      includeJobDocument: true,
    } as const;
    jobs.jobs.update("fw-12", all, jobs.done);
    const { topic, body } = jobs.request();
    const { clientToken, ...rest } = body;
    assert.equal(topic, "fw-12/update");
    assert.equal(typeof clientToken, "string");
    assert.deepEqual(rest, all);
  });

  it("decodes state, document and time", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.update("fw-12", { status: "IN_PROGRESS", includeJobExecutionState: true }, jobs.done);
    jobs.answer("accepted", {
      executionState: { status: "IN_PROGRESS", versionNumber: 3 },
      jobDocument: '{"operation":"x"}',
    });
    assert.deepEqual(jobs.outcomes[0]?.result, {
      executionState: { status: "IN_PROGRESS", versionNumber: 3, statusDetails: {} },
      jobDocument: { operation: "x" },
      timestamp: 1767000010,
    });
  });

  for (const code of [
    "InvalidTopic",
    "InvalidJson",
    "InvalidRequest",
    "InvalidStateTransition",
    "ResourceNotFound",
    "VersionMismatch",
    "InternalError",
    "RequestThrottled",
    "TerminalStateReached",
  ])
    it(`reports the rejection ${code}`, () => {
      const jobs = setUp();
      jobs.ready();
      jobs.jobs.update("fw-12", { status: "FAILED", expectedVersion: 5 }, jobs.done);
      jobs.answer("rejected", { code, message: "no" });
      assert.deepEqual(jobs.codes(), [code]);
      assert.equal(jobs.outcomes[0]?.error?.repeatable, code === "InternalError" || code === "RequestThrottled");
    });

  it("hands over the state that came with a rejection", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.update("fw-12", { status: "SUCCEEDED", expectedVersion: 5 }, jobs.done);
    jobs.answer("rejected", {
      code: "VersionMismatch",
      message: "m",
      executionState: { status: "IN_PROGRESS", versionNumber: 3 },
    });
    assert.deepEqual(jobs.outcomes[0]?.error?.executionState, {
      status: "IN_PROGRESS",
      versionNumber: 3,
      statusDetails: {},
    });
  });

  it("reports a rejection whose state is malformed without the state", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.update("fw-12", { status: "SUCCEEDED" }, jobs.done);
    jobs.answer("rejected", { code: "VersionMismatch", executionState: { status: 7 } });
    assert.equal(jobs.outcomes[0]?.error?.code, "VersionMismatch");
    assert.equal(jobs.outcomes[0]?.error?.executionState, undefined);
  });

  it("reports a code it does not know as malformed", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.update("fw-12", { status: "SUCCEEDED" }, jobs.done);
    jobs.answer("rejected", { code: "Whatever" });
    assert.deepEqual(jobs.codes(), ["malformed-response"]);
  });

  it("refuses what the service would reject, without sending anything", () => {
    const jobs = setUp();
    jobs.ready();
    const update = (options: object, jobId = "fw-12") =>
      jobs.jobs.update(jobId, { status: "IN_PROGRESS", ...options }, jobs.done);
    update({}, "$next");
    update({ status: "QUEUED" });
    update({ status: "CANCELED" });
    update({ expectedVersion: -1 });
    update({ executionNumber: 0.5 });
    for (const minutes of [0, -2, 10_081, 1.5]) update({ stepTimeoutInMinutes: minutes });
    update({ statusDetails: { "bad key": "x" } });
    update({ statusDetails: { empty: "" } });
    jobs.timer.settle();
    assert.deepEqual(jobs.codes(), Array(11).fill("invalid-argument"));
    assert.equal(jobs.sent("publish").length, 0);
  });
});

describe("AWS jobs: correlation", () => {
  it("gives every request its own token, and others after a restart", () => {
    const tokens = (random: number) => {
      const jobs = setUp({ random: () => random });
      jobs.ready();
      return [1, 2].map(() => {
        jobs.jobs.describeNext(jobs.done);
        return String(jobs.request().body.clientToken);
      });
    };
    const all = [...tokens(0.1), ...tokens(0.9)];
    assert.equal(new Set(all).size, 4);
    assert.ok(all.every((token) => token.length <= 24));
  });

  it("matches answers that come in another order", () => {
    const jobs = setUp();
    jobs.ready();
    const order: string[] = [];
    jobs.jobs.describeNext(() => order.push("describe"));
    const first = jobs.request();
    jobs.jobs.update("fw-12", { status: "FAILED" }, () => order.push("update"));
    jobs.answer("accepted", {});
    jobs.reply(`${first.topic}/accepted`, { clientToken: first.body.clientToken });
    assert.deepEqual(order, ["update", "describe"]);
  });

  it("ignores an answer that comes twice", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    jobs.answer("accepted", {});
    jobs.answer("accepted", {});
    jobs.answer("rejected", { code: "InternalError" });
    assert.equal(jobs.outcomes.length, 1);
  });

  it("ignores answers to others: other tokens, other things, other topics", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    const { body } = jobs.request();
    jobs.reply("$next/get/accepted", { clientToken: "other" });
    jobs.reply("$next/get/accepted", { timestamp: 1 });
    jobs.reply("fw-12/get/accepted", { clientToken: body.clientToken });
    jobs.reply("fw-12/update/rejected", { clientToken: body.clientToken, code: "InternalError" });
    jobs
      .client()
      .deliver("$aws/things/thing-2/jobs/$next/get/accepted", JSON.stringify({ clientToken: body.clientToken }));
    assert.equal(jobs.outcomes.length, 0);
    jobs.answer("accepted", {});
    assert.equal(jobs.outcomes.length, 1);
  });

  it("gives a rejection without token to the only request on its topic", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    jobs.request();
    jobs.reply("$next/get/rejected", { code: "InvalidJson", message: "bad" });
    assert.deepEqual(jobs.codes(), ["InvalidJson"]);
  });

  it("reports a rejection without token when nobody, or more than one, asked", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.reply("$next/get/rejected", { code: "InvalidJson" });
    jobs.jobs.describeNext(jobs.done);
    jobs.jobs.describeNext(jobs.done);
    jobs.request();
    jobs.reply("$next/get/rejected", { code: "InvalidJson" });
    assert.deepEqual(jobs.events, ["InvalidJson", "InvalidJson"]);
    assert.equal(jobs.outcomes.length, 0);
  });

  for (const [name, payload] of Object.entries({
    "no JSON": "{bad",
    "an array": "[]",
    "a number": "7",
    "JSON nested too deeply": `${'{"a":'.repeat(40)}1${"}".repeat(40)}`,
  }))
    it(`fails the request when its answer is ${name}`, () => {
      const jobs = setUp();
      jobs.ready();
      jobs.jobs.describeNext(jobs.done);
      jobs.request();
      jobs.reply("$next/get/accepted", payload);
      assert.deepEqual(jobs.codes(), ["malformed-response"]);
      assert.equal(jobs.session.state, "connected");
    });

  it("fails the request when its answer is not UTF-8", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    jobs.request();
    jobs.client().deliver(`${PREFIX}$next/get/accepted`, Uint8Array.of(0x7b, 0xff, 0x7d));
    assert.deepEqual(jobs.codes(), ["malformed-response"]);
  });

  it("fails the request when its answer is too long for the session", () => {
    const jobs = setUp({}, { maxMessageBytes: 1_000 });
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    jobs.request();
    jobs.reply("$next/get/accepted", { filler: "x".repeat(2_000) });
    assert.deepEqual(jobs.codes(), ["payload-too-large"]);
  });
});

describe("AWS jobs: requests that are not answered", () => {
  it("time out, and are not sent again later", () => {
    const jobs = setUp({}, { keepAlive: 600_000 });
    jobs.ready();
    jobs.settings.answer = false;
    jobs.jobs.describeNext(jobs.done);
    jobs.timer.advance(14_999);
    assert.equal(jobs.outcomes.length, 0);
    jobs.timer.advance(1);
    assert.deepEqual(jobs.codes(), ["timeout"]);
    assert.equal(jobs.outcomes[0]?.error?.repeatable, true);
    jobs.client().fail();
    jobs.timer.advance(60_000);
    assert.equal(jobs.sent("publish").length, 0);
  });

  it("fail when the connection is lost, and are not sent again on the next one", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.settings.answer = false;
    jobs.jobs.update("fw-12", { status: "SUCCEEDED" }, jobs.done);
    jobs.timer.settle();
    jobs.client().fail();
    assert.deepEqual(jobs.codes(), ["disconnected"]);
    jobs.timer.advance(30_000);
    assert.equal(jobs.clients.length, 2);
    assert.equal(jobs.sent("publish").length, 0);
  });

  it("fail on a later turn when there is no connection", () => {
    const jobs = setUp();
    jobs.jobs.open();
    jobs.jobs.describeNext(jobs.done);
    assert.equal(jobs.outcomes.length, 0);
    jobs.timer.settle();
    assert.deepEqual(jobs.codes(), ["disconnected"]);
  });

  it("fail when there are too many of them", () => {
    const jobs = setUp();
    jobs.ready();
    for (let count = 0; count < 9; count++) jobs.jobs.describeNext(jobs.done);
    jobs.timer.settle();
    assert.deepEqual(jobs.codes(), ["too-many-requests"]);
  });

  it("fail when the session's queue is full", () => {
    const jobs = setUp({}, { maxQueuedPublishes: 1 });
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    jobs.jobs.describeNext(jobs.done);
    jobs.timer.settle();
    assert.deepEqual(jobs.codes(), ["too-many-requests"]);
  });

  it("are forgotten at close, with their timers", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(jobs.done);
    jobs.jobs.describe("a/b", {}, jobs.done);
    jobs.timer.settle();
    jobs.jobs.describe("a/b", {}, jobs.done);
    jobs.jobs.close();
    jobs.session.close();
    assert.equal(jobs.timer.pending, 0);
    assert.deepEqual(jobs.codes(), ["invalid-argument"]);
  });
});

describe("AWS jobs: notifications", () => {
  it("reports the next execution, also when it comes as JSON text, and the end of the queue", () => {
    const seen: unknown[] = [];
    const jobs = setUp({ onNotifyNext: (execution) => seen.push(execution?.jobDocument ?? "nothing") });
    jobs.ready();
    jobs.reply("notify-next", { timestamp: 1, execution: EXECUTION });
    jobs.reply("notify-next", { timestamp: 1, execution: { ...EXECUTION, jobDocument: '{"operation":"b"}' } });
    jobs.reply("notify-next", { timestamp: 1, execution: { ...EXECUTION, jobDocument: "no json" } });
    jobs.reply("notify-next", { timestamp: 1 });
    assert.deepEqual(seen, [{ operation: "app_fw_update" }, { operation: "b" }, "no json", "nothing"]);
  });

  it("takes times in milliseconds for seconds", () => {
    let queuedAt = 0;
    const jobs = setUp({ onNotifyNext: (execution) => (queuedAt = execution?.queuedAt ?? 0) });
    jobs.ready();
    jobs.reply("notify-next", { execution: { ...EXECUTION, queuedAt: 1767000000123 } });
    assert.equal(queuedAt, 1767000000);
  });

  for (const [name, change] of Object.entries({
    "no job id": { jobId: undefined },
    "a job id with a slash": { jobId: "a/b" },
    "an unknown status": { status: "DONE" },
    "no version": { versionNumber: undefined },
    "a version that is text": { versionNumber: "1" },
    "no execution number": { executionNumber: undefined },
    "a negative time": { queuedAt: -1 },
    "details that are no text": { statusDetails: { a: 1 } },
    "details that are a list": { statusDetails: [] },
    "time left that is text": { approximateSecondsBeforeTimedOut: "9" },
  }))
    it(`reports an execution with ${name} as malformed`, () => {
      const jobs = setUp();
      jobs.ready();
      jobs.reply("notify-next", { execution: { ...EXECUTION, ...change } });
      assert.deepEqual(jobs.events, ["malformed-response"]);
    });

  for (const [topic, message] of [
    ["notify-next", "nonsense"],
    ["notify-next", "[]"],
    ["notify-next", { execution: "x" }],
  ] as const)
    it(`reports ${topic} ${JSON.stringify(message)} as malformed`, () => {
      const jobs = setUp();
      jobs.ready();
      jobs.reply(topic, message);
      assert.deepEqual(jobs.events, ["malformed-response"]);
    });

  it("reports a notification that is too long", () => {
    const jobs = setUp({}, { maxMessageBytes: 1_000 });
    jobs.ready();
    jobs.reply("notify-next", { filler: "x".repeat(2_000) });
    assert.deepEqual(jobs.events, ["payload-too-large"]);
  });

  it("keeps a detail that is called like a prototype", () => {
    let details: unknown;
    const jobs = setUp({ onNotifyNext: (execution) => (details = execution?.statusDetails) });
    jobs.ready();
    const message = JSON.stringify({ execution: { ...EXECUTION, statusDetails: {} } });
    jobs.reply("notify-next", message.replace('"statusDetails":{}', '"statusDetails":{"__proto__":"x"}'));
    assert.deepEqual(Object.entries(details as object), [["__proto__", "x"]]);
  });
});

describe("AWS jobs: callbacks of the user", () => {
  it("may throw, also out of a timer", () => {
    const traces: string[] = [];
    const jobs = setUp({ trace: (line) => traces.push(line) });
    jobs.ready();
    const boom = () => {
      throw new Error("user");
    };
    jobs.jobs.describe("a/b", {}, boom);
    jobs.settings.answer = false;
    jobs.jobs.describeNext(boom);
    jobs.timer.advance(15_000);
    assert.equal(traces.filter((line) => line.includes("threw")).length, 2);
    assert.equal(jobs.session.state, "connected");
  });

  it("may close from inside: nothing is called any more", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext((error) => {
      jobs.done(error);
      jobs.jobs.close();
    });
    jobs.jobs.describe("fw-12", {}, jobs.done);
    jobs.timer.settle();
    jobs.client().fail();
    assert.deepEqual(jobs.codes(), ["disconnected"]);
  });

  it("may ask again from inside", () => {
    const jobs = setUp();
    jobs.ready();
    jobs.jobs.describeNext(() => jobs.jobs.describe("fw-12", {}, jobs.done));
    jobs.answer("accepted", {});
    assert.equal(jobs.request().topic, "fw-12/get");
    jobs.answer("accepted", {});
    assert.deepEqual(jobs.codes(), [undefined]);
  });
});
