/** Topics of the Jobs device API, as far as this module uses them. [AWS Jobs: Reserved topics; Jobs MQTT API] */
import { isJobId } from "./names.js";

/** Stands for "the next pending job" in place of a job id, in requests to describe and in their answers. */
export const NEXT = "$next";

export type JobsOperation = "describe" | "update";

export type AnswerTopic = {
  readonly kind: "answer";
  readonly operation: JobsOperation;
  /** {@link NEXT} stays as it is. */
  readonly jobId: string;
  readonly accepted: boolean;
};

export type JobsTopic = { readonly kind: "notify-next" } | AnswerTopic;

export function notifyNextTopic(thingName: string): string {
  return `${topicPrefix(thingName)}notify-next`;
}

/**
 * The answers of each operation, as filters to subscribe to. No two overlap, so that no message is delivered twice, and
 * each ends as the topics do, so that a policy which names those covers them.
 */
export function answerFilters(thingName: string): readonly string[] {
  const prefix = topicPrefix(thingName);
  return ["get/accepted", "get/rejected", "update/accepted", "update/rejected"].map((end) => `${prefix}+/${end}`);
}

/** Matches every answer and no request, to listen to without subscribing. */
export function everyAnswer(thingName: string): string {
  return `${topicPrefix(thingName)}+/+/+`;
}

/** @param jobId a job id, or {@link NEXT} for describe */
export function requestTopic(thingName: string, operation: JobsOperation, jobId: string): string {
  return `${topicPrefix(thingName)}${jobId}/${operation === "describe" ? "get" : "update"}`;
}

/** @returns `undefined` for a topic that is none of these or belongs to another thing */
export function parseTopic(thingName: string, topic: string): JobsTopic | undefined {
  const prefix = topicPrefix(thingName);
  if (!topic.startsWith(prefix)) return undefined;
  const levels = topic.slice(prefix.length).split("/");
  const [jobId = "", name = "", verdict = ""] = levels;
  // The number of levels decides: a job may be called "notify-next".
  if (levels.length === 1) return jobId === "notify-next" ? { kind: "notify-next" } : undefined;
  if (levels.length !== 3 || !(jobId === NEXT || isJobId(jobId))) return undefined;
  const operation = name === "get" ? "describe" : name === "update" ? "update" : undefined;
  if (operation === undefined || (verdict !== "accepted" && verdict !== "rejected")) return undefined;
  return { kind: "answer", operation, jobId, accepted: verdict === "accepted" };
}

function topicPrefix(thingName: string): string {
  return `$aws/things/${thingName}/jobs/`;
}
