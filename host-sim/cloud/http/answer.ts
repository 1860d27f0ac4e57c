import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { HTTP_SERVICES, type HttpFaults, type HttpServiceName } from "../faults/http-faults.js";
import { BodyError } from "../message/body-error.js";
import { type CloudRequest, type CloudResponse, hostOf, splitTarget, textSource } from "../message/message.js";
import { isS3Host } from "../s3/address.js";
import { serveS3 } from "../s3/serve-s3.js";
import type { S3Service } from "../s3/service.js";
import { SignatureError } from "../sigv4/signature-error.js";
import { signedService, verifyHead } from "../sigv4/verify.js";
import type { BodyBudget } from "./body-budget.js";
import { type Delivery, deliveryOf } from "./delivery.js";
import { ForeignHostError, isOwnHost } from "./local-host.js";
import { serveQuery } from "./query-services.js";
import { announcedLength, type HeldBody, readBody } from "./read-body.js";
import { OLD_IOT_NAME, type RestServices, serveRest } from "./rest.js";
import { sendDelivery, sendRefusal } from "./send-delivery.js";

/** Bodies that are taken, in bytes. */
export interface BodyLimits {
  /** One of S3; images and multipart parts are far below the default of 64 MiB. */
  readonly s3: number;
  /**
   * One of the REST services and of the cloud's own API; the longest job document is far below the default of 1 MiB.
   */
  readonly rest: number;
  /** All that are being read and answered at a time, over all connections. Default 256 MiB. */
  readonly total: number;
}

/** See {@link BodyLimits}. */
export const DEFAULT_BODY_LIMITS: BodyLimits = Object.freeze({ s3: 64 << 20, rest: 1 << 20, total: 256 << 20 });
/** A refused body of up to so many bytes is skipped, and its connection lives on; a longer one ends it. */
const MAX_SKIPPED_BYTES = 64 * 1024;
const LOCAL_PREFIX = "/_local/";

/** HTTPS requests that were counted since the start. */
export interface HttpsCounters {
  handshakes: number;
  requests: number;
  /** Requests by service. */
  iot: number;
  "iot-jobs-data": number;
  iotdata: number;
  sts: number;
  s3: number;
  /** Those to services that are not emulated. */
  other: number;
  /** Body bytes sent by S3. */
  s3BodyBytes: number;
}

export interface HttpsFrontOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly host: string;
  readonly port: number;
  readonly rest: RestServices;
  readonly s3: S3Service;
  readonly faults: HttpFaults;
  readonly bodyLimits?: Partial<BodyLimits>;
  /** Answers requests below `/_local/`. */
  local(request: CloudRequest): CloudResponse | Promise<CloudResponse>;
}

/** What all connections of the HTTPS port share. */
export interface Front extends HttpsFrontOptions {
  readonly counters: HttpsCounters;
  readonly limits: BodyLimits;
  readonly budget: BodyBudget;
  /** Requests that S3 answered on a connection. */
  readonly served: WeakMap<Duplex, number>;
}

/**
 * Answers one request. A body is read only when the headers are believed.
 *
 * @param begin lets the client send the body it has held back
 */
export async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  front: Front,
  begin: () => void,
): Promise<void> {
  const head = headOf(incoming);
  const service = head.path.startsWith(LOCAL_PREFIX) ? "local" : serviceOf(head);
  const refused = refusalOf(head, service, front);
  // What has no signature may be taken for S3 by its host: it gets no room for an object.
  const limit = service === "s3" && signedService(head) === "s3" ? front.limits.s3 : front.limits.rest;
  const body = refused ?? (await bodyOf(incoming, limit, front.budget, begin));
  if (body instanceof Error) {
    await refuse(incoming, outgoing, head, service, front, body);
    return;
  }
  try {
    const request = { ...head, body: body.bytes };
    await send(incoming, outgoing, request, service, front, undefined);
  } finally {
    body.release();
  }
}

/** Why a request is refused before its body was read. */
type Refusal = SignatureError | BodyError | ForeignHostError;
type Addressee = HttpServiceName | "local";

/** Why the body of a request need not be read: its headers say enough. */
function refusalOf(head: CloudRequest, service: Addressee, front: Front): Refusal | undefined {
  if (service === "local") return isOwnHost(hostOf(head), front.host) ? undefined : new ForeignHostError();
  const { context, credentials } = front.rest;
  try {
    verifyHead(head, { find: (id) => credentials.find(id), now: context.clock.now(), region: context.region });
    return undefined;
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
}

async function bodyOf(
  incoming: IncomingMessage,
  limit: number,
  budget: BodyBudget,
  begin: () => void,
): Promise<HeldBody | BodyError> {
  if (announcedLength(incoming) <= limit || incoming.headers["transfer-encoding"] !== undefined) begin();
  try {
    return await readBody(incoming, limit, budget);
  } catch (error) {
    if (error instanceof BodyError) return error;
    throw error;
  }
}

/** Sends what the service says to a refused request, of whose body nothing is kept. */
async function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  head: CloudRequest,
  service: Addressee,
  front: Front,
  refusal: Refusal,
): Promise<void> {
  const isWaiting = incoming.headers.expect !== undefined;
  if (!isWaiting && announcedLength(incoming) <= MAX_SKIPPED_BYTES) {
    await send(incoming, outgoing, head, service, front, refusal);
    return;
  }
  const delivery = await deliveryFor(head, service, front, refusal, true);
  if (delivery !== undefined) await sendRefusal(incoming, outgoing, delivery);
  else outgoing.destroy();
}

async function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  request: CloudRequest,
  service: Addressee,
  front: Front,
  refusal: Refusal | undefined,
): Promise<void> {
  const { served, s3, counters } = front;
  const count = (served.get(incoming.socket) ?? 0) + 1;
  if (service === "s3") served.set(incoming.socket, count);
  const last = service === "s3" && count >= s3.switches.requestsPerConnection;
  const delivery = await deliveryFor(request, service, front, refusal, last);
  if (delivery === undefined) {
    outgoing.destroy();
    return;
  }
  const sent = await sendDelivery(outgoing, delivery);
  if (service === "s3") counters.s3BodyBytes += sent;
}

/** The answer of the service, with the fault that was ordered for this request; undefined when the fault drops it. */
async function deliveryFor(
  request: CloudRequest,
  service: Addressee,
  { counters, faults, s3, rest, local }: Front,
  refusal: Refusal | undefined,
  last: boolean,
): Promise<Delivery | undefined> {
  if (service === "local") {
    const response = refusal === undefined ? await local(request) : localRefusal(refusal);
    return deliveryOf(response, undefined, last);
  }
  counters.requests += 1;
  counters[service] += 1;
  const fault = faults.take(service, request);
  if (fault?.drop === true) return undefined;
  const response =
    service === "s3"
      ? serveS3(request, s3, fault, refusal)
      : service === "sts" || service === "other"
        ? serveQuery(request, rest, fault, refusal)
        : await serveRest(request, service, rest, fault, refusal);
  return deliveryOf(response, fault, last);
}

function localRefusal(refusal: Refusal): CloudResponse {
  const status = refusal instanceof ForeignHostError ? 403 : 413;
  const body = textSource(`${JSON.stringify({ message: refusal.message })}\n`);
  return { status, headers: { "content-type": "application/json" }, body };
}

/**
 * Which service a request is for: the name in its signature, else its host. A request that names none is taken for S3,
 * which refuses it with its own error.
 */
export function serviceOf(request: CloudRequest): HttpServiceName {
  const signed = signedService(request);
  if (signed === OLD_IOT_NAME) return "iot";
  if (signed !== undefined) return HTTP_SERVICES.find((name) => name === signed) ?? "other";
  const host = hostOf(request).toLowerCase();
  if (isS3Host(host)) return "s3";
  if (/(^|\.)jobs\.iot\./.test(host)) return "iot-jobs-data";
  if (/(^|\.)iot\./.test(host)) return "iot";
  return "s3";
}

function headOf(incoming: IncomingMessage): CloudRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  const body = new Uint8Array(0);
  return { method: incoming.method ?? "GET", ...splitTarget(incoming.url ?? "/"), headers, body };
}
