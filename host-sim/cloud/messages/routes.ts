import { isReserved, isTopic } from "../broker/topics.js";
import { AwsError, type CloudContext } from "../context/context.js";
import { definedMembers, optionalFlag, optionalNumber, requiredText } from "../context/fields.js";
import type { MessageBus } from "../context/message-bus.js";
import { page } from "../context/page.js";
import type { RestInput, RestOutput, RestRoute } from "../message/rest-route.js";
import { type RetainedMessage, retainedMessage, retainedMessages } from "./retained.js";

const MAX_PAYLOAD_BYTES = 128 * 1024;
const PAGE = { most: 200, usual: 200 };
/** Members of Publish that MQTT 5 would carry. */
const MQTT5_MEMBERS = ["contentType", "responseTopic", "messageExpiry"];

/** Publish and retained messages: service `iot-data`. [AWS IoT data plane API] */
export function messageRoutes(context: CloudContext, bus: MessageBus): RestRoute[] {
  return [
    route("POST", "/topics/{topic}", (input) => publish(bus, input)),
    route("GET", "/retainedMessage/{topic}", (input) => getRetainedMessage(context, input)),
    route("GET", "/retainedMessage", (input) => listRetainedMessages(context, input)),
  ];
}

function route(method: string, path: string, run: (input: RestInput) => RestOutput): RestRoute {
  return { service: "iotdata", method, path, run, payload: true };
}

/**
 * [AWS IoT: Publish] Reserved topics that a client may publish to are those of the services, as over MQTT.
 *
 * @throws AwsError `InvalidRequest`, `RequestEntityTooLarge`
 */
function publish(bus: MessageBus, input: RestInput): RestOutput {
  const topic = requiredText(input, "topic");
  const qos = optionalNumber(input, "qos", { min: 0, max: 1, text: true }) ?? 0;
  const retain = optionalFlag(input, "retain") ?? false;
  const payload = input.payload instanceof Uint8Array ? input.payload : new Uint8Array(0);
  const unknown = MQTT5_MEMBERS.find((member) => Object.hasOwn(input, member));
  if (unknown !== undefined) throw new AwsError("InvalidRequest", `${unknown} is not emulated by the local cloud`);
  if (!isTopic(topic)) throw new AwsError("InvalidRequest", "The topic is not one that can be published to");
  if (retain && isReserved(topic)) throw new AwsError("InvalidRequest", "A reserved topic retains no message");
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new AwsError("RequestEntityTooLarge", `The payload is longer than ${MAX_PAYLOAD_BYTES} bytes`);
  }
  bus.publish({ topic, payload, qos: qos === 1 ? 1 : 0, retain });
  return {};
}

/** [AWS IoT: GetRetainedMessage] @throws AwsError `ResourceNotFound` */
function getRetainedMessage(context: CloudContext, input: RestInput): RestOutput {
  const { payload, ...message } = retainedMessage(context, requiredText(input, "topic"));
  return { ...message, payload: payload.toString("base64") };
}

/** [AWS IoT: ListRetainedMessages] In the order of their topics. @throws AwsError `InvalidRequest` */
function listRetainedMessages(context: CloudContext, input: RestInput): RestOutput {
  const entries = Array.from(retainedMessages(context), (item) => ({ cursor: item.topic, item }));
  const { items, nextToken } = page(input, entries, PAGE);
  return definedMembers({ retainedTopics: items.map(summary), nextToken });
}

function summary({ topic, payload, qos, lastModifiedTime }: RetainedMessage) {
  return { topic, payloadSize: payload.byteLength, qos, lastModifiedTime };
}
