import { AwsError } from "../../context/context.js";
import { invalidRequest, isObject, type OperationInput } from "../../context/fields.js";
import * as data from "../data/index.js";
import { wholeSeconds } from "../device-views.js";
import type { OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";
import { type DeviceRequest, parseRequestTopic } from "../topics.js";

/** An answer on its way to the client that published the request, and to no other. */
export interface RequestAnswer {
  readonly topic: string;
  readonly payload: string;
}

/** Whether a PUBLISH to `topic` goes to the Jobs service instead of to subscribers. */
export function isJobsTopic(topic: string): boolean {
  return parseRequestTopic(topic) !== undefined;
}

/**
 * Performs what a device asks by a PUBLISH to the jobs namespace. Undefined when the topic belongs to nobody's answer.
 * [AWS IoT Jobs: Jobs device MQTT API]
 */
export function answerRequest(service: JobsService, topic: string, payload: Uint8Array): RequestAnswer | undefined {
  const request = parseRequestTopic(topic);
  if (request === undefined) return undefined;
  if (request.operation === "unknown" && service.options.invalidTopicReply === "none") return undefined;
  const timestamp = wholeSeconds(service.now);
  let clientToken: string | undefined;
  try {
    const input = parsePayload(payload);
    clientToken = clientTokenOf(service, input);
    const output = deviceForm(perform(service, request, input));
    return answer(topic, "accepted", { ...tokenMember(clientToken), timestamp, ...output });
  } catch (error) {
    if (!(error instanceof AwsError)) service.context.log(`jobs: ${request.operation} failed: ${error}`);
    const { code, message, members } = error instanceof AwsError ? error : internalError();
    return answer(topic, "rejected", { ...tokenMember(clientToken), timestamp, code, message, ...members });
  }
}

function perform(service: JobsService, request: DeviceRequest, body: OperationInput): OperationOutput {
  const { thingName } = request;
  if (request.operation === "unknown") throw new AwsError("InvalidTopic", "the topic names no operation");
  switch (request.operation) {
    case "get-pending":
      return data.getPendingJobExecutions(service, { ...body, thingName });
    case "start-next":
      return data.startNextPendingJobExecution(service, { ...body, thingName });
    case "describe":
      return data.describeJobExecution(service, { ...body, thingName, jobId: request.jobId });
    case "update":
      return data.updateJobExecution(service, { ...body, thingName, jobId: request.jobId });
  }
}

/** An empty payload is an empty request. */
function parsePayload(payload: Uint8Array): OperationInput {
  if (payload.byteLength === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw new AwsError("InvalidJson", "the payload is not JSON in UTF-8");
  }
  if (!isObject(value)) throw new AwsError("InvalidJson", "the payload is not a JSON object");
  return value;
}

function clientTokenOf(service: JobsService, input: OperationInput): string | undefined {
  const token = input.clientToken;
  if (token === undefined || token === null) return undefined;
  if (typeof token !== "string") throw invalidRequest("clientToken must be a string");
  const limit = service.options.clientTokenLength;
  if (limit > 0 && token.length > limit) throw invalidRequest(`clientToken must have at most ${limit} characters`);
  return token;
}

function tokenMember(clientToken: string | undefined): { readonly clientToken?: string } {
  return clientToken === undefined ? {} : { clientToken };
}

/** The two differences from HTTPS: a document is an object, and an execution does not repeat the name of its thing. */
function deviceForm(output: OperationOutput): OperationOutput {
  const { execution, ...rest } = output;
  const plain = withParsedDocument(rest);
  if (!isObject(execution)) return plain;
  const { thingName: _, ...members } = execution;
  return { ...plain, execution: withParsedDocument(members) };
}

function withParsedDocument(value: OperationOutput): OperationOutput {
  const document = value.jobDocument;
  return typeof document === "string" ? { ...value, jobDocument: JSON.parse(document) } : value;
}

function answer(topic: string, outcome: "accepted" | "rejected", body: OperationOutput): RequestAnswer {
  return { topic: `${topic}/${outcome}`, payload: JSON.stringify(body) };
}

function internalError(): AwsError {
  return new AwsError("InternalError", "the service failed");
}
