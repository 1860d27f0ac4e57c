import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeState } from "../../../modules/aws-jobs/decode.js";
import { describeRequest } from "../../../modules/aws-jobs/describe.js";
import { AWS_JOBS_RETRY, AwsJobsError } from "../../../modules/aws-jobs/errors.js";
import { parsePayload } from "../../../modules/aws-jobs/json.js";
import { JOB_STATUSES, type JobExecution } from "../../../modules/aws-jobs/model.js";
import { decodeNotifyNext } from "../../../modules/aws-jobs/notify-next.js";
import { decodeRejection } from "../../../modules/aws-jobs/request.js";
import { NEXT, parseTopic, requestTopic } from "../../../modules/aws-jobs/topics.js";
import { updateRequest } from "../../../modules/aws-jobs/update.js";
import { bytesTarget, textTarget } from "../../support/fuzz/fuzz-target.js";
import { outcomeOf, withShallowJson } from "../../support/fuzz/invariants.js";
import { mutatedJson } from "../../support/fuzz/json.js";
import { mutatedBytes, mutatedText } from "../../support/fuzz/mutations.js";

const execution = {
  jobId: "job-1",
  status: "QUEUED",
  statusDetails: { state: "downloading" },
  queuedAt: 1_700_000_000,
  startedAt: 1_700_000_001,
  lastUpdatedAt: 1_700_000_002_000,
  versionNumber: 2,
  executionNumber: 1,
  approximateSecondsBeforeTimedOut: 120,
  jobDocument: { operation: "app_fw_update", location: { url: "https://h/p?X-Amz-Signature=secret" } },
};
const VALID: readonly unknown[] = [
  { clientToken: "a", timestamp: 1_700_000_003, execution },
  { timestamp: 1, execution: { ...execution, jobDocument: JSON.stringify(execution.jobDocument) } },
  { timestamp: 1, execution: {} },
  { executionState: { status: "IN_PROGRESS", versionNumber: 3, statusDetails: {} }, jobDocument: {}, timestamp: 3 },
  { clientToken: "a", code: "VersionMismatch", message: "m", executionState: { status: "QUEUED", versionNumber: 1 } },
];
const KEYS = [...Object.keys(execution), "execution", "executionState", "clientToken", "timestamp", "code", "message"];

const jobsCode = (error: unknown): string | undefined => (error instanceof AwsJobsError ? error.code : undefined);

function assertExecution(value: JobExecution | undefined): void {
  if (value === undefined) return;
  assert.match(value.jobId, /^[A-Za-z0-9_-]{1,64}$/);
  assert.ok(JOB_STATUSES.includes(value.status));
  for (const number of [value.queuedAt, value.lastUpdatedAt, value.executionNumber, value.versionNumber])
    assert.ok(Number.isInteger(number), `${number} is no whole number`);
  for (const detail of Object.values(value.statusDetails)) assert.equal(typeof detail, "string");
}

const texts = mutatedJson(fc.constantFrom(...VALID), KEYS).map((text) => new Uint8Array(Buffer.from(text)));

export const jobsPayload = bytesTarget({
  name: "jobs-payload",
  reads: "payloads of notify-next and of answers, from the broker",
  reaches: ["execution", "nothing pending", "malformed-response", "no JSON object", "VersionMismatch"],
  data: fc.oneof({ weight: 4, arbitrary: texts }, { weight: 1, arbitrary: mutatedBytes(texts) }),
  check: (bytes, salt) =>
    withShallowJson(() => {
      const message = parsePayload(bytes);
      if (message === undefined) return "no JSON object";
      const rejection = decodeRejection(message);
      assert.ok(Object.hasOwn(AWS_JOBS_RETRY, rejection.code), rejection.code);
      assert.ok(rejection.message.length < 256, "the service's text is bounded");
      const update = updateRequest("job-1", { status: "IN_PROGRESS" });
      const updated = outcomeOf(() => update.decode(message), jobsCode);
      if (updated.kind === "value" && updated.value.executionState !== undefined)
        assert.deepEqual(updated.value.executionState, decodeState(message.executionState));
      const described = outcomeOf(() => describeRequest(NEXT).decode(message), jobsCode);
      const notified = outcomeOf(() => decodeNotifyNext(message), jobsCode);
      assert.deepEqual(notified, described, "one execution, read in one way");
      for (const outcome of [updated, described])
        if (outcome.kind === "error") assert.equal(outcome.code, "malformed-response");
      if (salt % 2 === 0 && rejection.code !== "malformed-response") return rejection.code;
      if (notified.kind === "error") return notified.code;
      assertExecution(notified.value);
      return notified.value === undefined ? "nothing pending" : "execution";
    }),
});

const THING = "thing-1";
const PREFIX = `$aws/things/${THING}/jobs/`;
const topics = fc.constantFrom(
  `${PREFIX}notify-next`,
  `${PREFIX}$next/get/accepted`,
  `${PREFIX}job-1/get/rejected`,
  `${PREFIX}job_2/update/accepted`,
  `${PREFIX}notify-next/update/rejected`,
  `${PREFIX}start-next/accepted`,
);

export const jobsTopic = textTarget({
  name: "jobs-topic",
  reads: "topics of messages, from the broker",
  reaches: ["notify-next", "describe", "update", "not ours"],
  data: mutatedText(topics, { tokens: ["/", "get", "update", "accepted", "rejected", "$next", "jobs", THING] }),
  check: (text) => {
    const topic = parseTopic(THING, text);
    if (topic === undefined) return "not ours";
    if (topic.kind === "notify-next") {
      assert.equal(text, `${PREFIX}notify-next`);
      return topic.kind;
    }
    const { operation, jobId, accepted } = topic;
    // What was read says everything: the topic can be written again from it.
    assert.equal(text, `${requestTopic(THING, operation, jobId)}/${accepted ? "accepted" : "rejected"}`);
    return operation;
  },
});
