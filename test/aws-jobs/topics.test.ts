import assert from "node:assert/strict";
import { isJobId, isThingName } from "../../modules/aws-jobs/names.js";
import {
  answerFilters,
  everyAnswer,
  notifyNextTopic,
  parseTopic,
  requestTopic,
} from "../../modules/aws-jobs/topics.js";
import { matchesFilter } from "../../modules/mqtt-session/index.js";

describe("Jobs topics", () => {
  it("are those of the service", () => {
    assert.equal(requestTopic("T", "describe", "$next"), "$aws/things/T/jobs/$next/get");
    assert.equal(requestTopic("T", "update", "J"), "$aws/things/T/jobs/J/update");
    assert.equal(notifyNextTopic("T"), "$aws/things/T/jobs/notify-next");
  });

  const responses = [
    ["$next/get/accepted", "describe", "$next", true],
    ["J/get/rejected", "describe", "J", false],
    ["J/update/accepted", "update", "J", true],
    ["get/get/accepted", "describe", "get", true],
    ["notify-next/update/rejected", "update", "notify-next", false],
  ] as const;

  for (const [topic, operation, jobId, accepted] of responses)
    it(`reads ${topic}`, () => {
      const parsed = parseTopic("T", `$aws/things/T/jobs/${topic}`);
      assert.deepEqual(parsed, { kind: "answer", operation, jobId, accepted });
    });

  it("reads notifications", () => {
    assert.deepEqual(parseTopic("T", "$aws/things/T/jobs/notify-next"), { kind: "notify-next" });
  });

  for (const topic of [
    "$aws/things/T2/jobs/notify-next",
    "$aws/things/t/jobs/notify-next",
    "$aws/things/T/jobs/notify",
    "$aws/things/T/jobs/get/accepted",
    "$aws/things/T/jobs/start-next/accepted",
    "$aws/things/T/jobs",
    "$aws/things/T/jobs/",
    "$aws/things/T/jobs/other",
    "$aws/things/T/jobs/get",
    "$aws/things/T/jobs/get/other",
    "$aws/things/T/jobs/J/delete/accepted",
    "$aws/things/T/jobs/J/get/accepted/more",
    "$aws/things/T/jobs/$other/get/accepted",
    "$aws/things/T/jobs//get/accepted",
    "$aws/things/T/shadow/get/accepted",
    "things/T/jobs/notify-next",
    "",
  ])
    it(`takes no notice of ${JSON.stringify(topic)}`, () => assert.equal(parseTopic("T", topic), undefined));

  it("are each covered by exactly one filter, and all by the one to listen with", () => {
    const filters = answerFilters("T");
    for (const [topic] of responses) {
      const name = `$aws/things/T/jobs/${topic}`;
      assert.equal(filters.filter((filter) => matchesFilter(filter, name)).length, 1, topic);
      assert.ok(matchesFilter(everyAnswer("T"), name), topic);
    }
  });

  it("do not answer to their own requests", () => {
    const filters = [...answerFilters("T"), everyAnswer("T")];
    for (const request of ["J/get", "$next/get", "J/update", "notify-next"])
      assert.ok(!filters.some((filter) => matchesFilter(filter, `$aws/things/T/jobs/${request}`)), request);
  });
});

describe("Jobs names", () => {
  it("take what the service takes", () => {
    assert.ok(isThingName(`a-Z_0:${"x".repeat(122)}`));
    assert.ok(isJobId(`fw_12-A${"x".repeat(57)}`));
  });

  for (const text of ["", "a b", "a/b", "a+", "#", "$next", "ü", "x".repeat(129)])
    it(`refuse ${JSON.stringify(text.slice(0, 8))}`, () => {
      assert.equal(isThingName(text), false);
      assert.equal(isJobId(text), false);
    });

  it("differ in the colon and in length", () => {
    assert.equal(isJobId("a:b"), false);
    assert.equal(isJobId("x".repeat(65)), false);
  });
});
