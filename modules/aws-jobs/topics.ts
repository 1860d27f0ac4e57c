/** Topics of the Jobs device API. [AWS Jobs: Reserved topics; Jobs MQTT API] */

/** [AWS IoT: ThingName] 1 to 128 characters. */
const MAX_THING_NAME_LENGTH = 128;
/** [AWS IoT: JobId] 1 to 64 characters. */
const MAX_JOB_ID_LENGTH = 64;
/** Stands for "the next pending job" in place of a job id, in requests to describe and in their responses. */
export const NEXT = "$next";

export type JobsOperation = "get-pending" | "start-next" | "describe" | "update";

export type JobsTopic =
  | { readonly kind: "notify" }
  | { readonly kind: "notify-next" }
  | {
      readonly kind: "response";
      readonly operation: JobsOperation;
      /** Absent for get-pending and start-next; {@link NEXT} stays as it is. */
      readonly jobId: string | undefined;
      readonly accepted: boolean;
    };

export function isThingName(text: string): boolean {
  return hasOnly(text, MAX_THING_NAME_LENGTH, ":_-");
}

export function isJobId(text: string): boolean {
  return hasOnly(text, MAX_JOB_ID_LENGTH, "_-");
}

/**
 * What one device subscribes to. AWS sends responses to the requester unasked; other brokers do not, hence the response filters. `+/get/+`
 * covers `$next/get/+`, and no two filters overlap, so that no message is delivered twice.
 * @param notify also the list of all pending jobs
 */
export function jobsFilters(thingName: string, notify: boolean): readonly string[] {
  const prefix = topicPrefix(thingName);
  const filters = ["notify-next", "+/get/+", "+/update/+", "get/+", "start-next/+"];
  return (notify ? [...filters, "notify"] : filters).map((filter) => prefix + filter);
}

/** @param jobId needed for describe (a job id or {@link NEXT}) and update */
export function requestTopic(thingName: string, operation: JobsOperation, jobId = ""): string {
  const prefix = topicPrefix(thingName);
  switch (operation) {
    case "get-pending":
      return `${prefix}get`;
    case "start-next":
      return `${prefix}start-next`;
    case "describe":
      return `${prefix}${jobId}/get`;
    case "update":
      return `${prefix}${jobId}/update`;
  }
}

/** @returns `undefined` for a topic that is none of Jobs or belongs to another thing */
export function parseTopic(thingName: string, topic: string): JobsTopic | undefined {
  const prefix = topicPrefix(thingName);
  if (!topic.startsWith(prefix)) return undefined;
  const levels = topic.slice(prefix.length).split("/");
  const [first = "", second = "", third = ""] = levels;
  // The number of levels decides: a job may be called "get" or "notify".
  if (levels.length === 1) return first === "notify" || first === "notify-next" ? { kind: first } : undefined;
  if (levels.length === 2) {
    const operation = first === "get" ? "get-pending" : first === "start-next" ? "start-next" : undefined;
    return response(operation, undefined, second);
  }
  if (levels.length !== 3 || !(first === NEXT || isJobId(first))) return undefined;
  return response(second === "get" ? "describe" : second === "update" ? "update" : undefined, first, third);
}

function response(operation: JobsOperation | undefined, jobId: string | undefined, verdict: string) {
  if (operation === undefined || (verdict !== "accepted" && verdict !== "rejected")) return undefined;
  return { kind: "response", operation, jobId, accepted: verdict === "accepted" } as const;
}

function topicPrefix(thingName: string): string {
  return `$aws/things/${thingName}/jobs/`;
}

function hasOnly(text: string, maxLength: number, punctuation: string): boolean {
  if (text.length === 0 || text.length > maxLength) return false;
  for (const character of text) {
    const letterOrDigit =
      (character >= "a" && character <= "z") ||
      (character >= "A" && character <= "Z") ||
      (character >= "0" && character <= "9");
    if (!letterOrDigit && !punctuation.includes(character)) return false;
  }
  return true;
}
