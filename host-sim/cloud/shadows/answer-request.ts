import { AwsError } from "../context/context.js";
import { deleteThingShadow } from "./operations/delete-thing-shadow.js";
import { getThingShadow } from "./operations/get-thing-shadow.js";
import { updateThingShadow } from "./operations/update-thing-shadow.js";
import { clientTokenIn, type RequestBody, readBody } from "./request.js";
import type { ShadowService } from "./service.js";
import { parseShadowTopic, type ShadowRequest } from "./topics.js";

/** Codes of a rejection over MQTT. [AWS IoT: Device Shadow error messages] */
const CODES: Readonly<Record<string, number>> = Object.freeze({
  InvalidRequest: 400,
  ResourceNotFound: 404,
  Conflict: 409,
  RequestEntityTooLarge: 413,
  UnsupportedDocumentEncoding: 415,
  Throttling: 429,
});

/** Whether a PUBLISH to `topic` goes to the Device Shadow service instead of to subscribers. */
export function isShadowTopic(topic: string): boolean {
  return parseShadowTopic(topic) !== undefined;
}

/**
 * Performs what a client asks by a PUBLISH. Unlike those of Jobs, the answers go through the broker: to whoever is
 * subscribed to them, and to nobody else. [AWS IoT: Device Shadow MQTT topics]
 */
export function answerShadowRequest(service: ShadowService, topic: string, payload: Uint8Array): void {
  const request = parseShadowTopic(topic);
  if (request === undefined) return;
  const { id, operation } = request;
  let clientToken: string | undefined;
  try {
    service.admit(id);
    const body = readBody(payload, operation !== "update");
    clientToken = clientTokenIn(body);
    perform(service, request, body, clientToken);
  } catch (error) {
    if (!(error instanceof AwsError)) service.context.log(`shadows: ${operation} failed: ${error}`);
    const code = error instanceof AwsError ? CODES[error.code] : undefined;
    const message = error instanceof AwsError ? error.message : "Internal service failure";
    service.send(id, `${operation}/rejected`, {
      code: code ?? 500,
      message,
      timestamp: service.timestamp,
      ...(clientToken === undefined ? {} : { clientToken }),
    });
  }
}

function perform(
  service: ShadowService,
  { id, operation }: ShadowRequest,
  body: RequestBody,
  clientToken: string | undefined,
): void {
  if (operation === "update") updateThingShadow(service, id, body);
  else if (operation === "delete") deleteThingShadow(service, id, body);
  else {
    const token = clientToken === undefined ? {} : { clientToken };
    service.send(id, "get/accepted", { ...getThingShadow(service, id), ...token });
  }
}
