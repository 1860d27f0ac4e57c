import type { FaultPlan } from "../faults/fault-plan.js";
import type { HttpFaults } from "../faults/http-faults.js";
import { readHttpFault } from "../faults/read-http-fault.js";
import { readMqttFault } from "../faults/read-mqtt-fault.js";
import { type CloudRequest, type CloudResponse, textSource } from "../message/message.js";

/** Faults that may be on order at a time: each is looked at for every request or packet. */
const MAX_FAULTS = 1000;

/** What the paths below `/_local/` act on. */
export interface LocalControls {
  readonly httpFaults: HttpFaults;
  readonly mqttFaults: FaultPlan;
  counters(): Readonly<Record<string, number>>;
  endpoints(): Readonly<Record<string, unknown>>;
  /** Ends the role's session: every presigned URL handed out so far is over. */
  endSessions(): void;
  /** The ports are closed for so long; what was open is cut. */
  outage(seconds: number): void;
  kick(clientId: string): void;
}

/**
 * The local cloud's own HTTP API: faults on order, counters, endpoints. Not part of AWS. A request with a body must be
 * `application/json`, so that no web page can send it behind the user's back.
 */
export function serveLocal(request: CloudRequest, controls: LocalControls): CloudResponse {
  try {
    const route = `${request.method} ${request.path}`;
    if (route === "GET /_local/endpoints") return json(200, controls.endpoints());
    if (route === "GET /_local/counters") return json(200, controls.counters());
    if (route === "GET /_local/faults") return json(200, faultsIn(controls));
    if (request.method === "GET") return json(404, { message: `there is no ${request.path}` });
    if (request.headers["content-type"]?.split(";")[0] !== "application/json") {
      return json(415, { message: "content-type must be application/json" });
    }
    switch (route) {
      case "DELETE /_local/faults":
        controls.httpFaults.clear();
        controls.mqttFaults.clear();
        return json(200, faultsIn(controls));
      case "POST /_local/faults":
        orderFaults(bodyOf(request), controls);
        return json(200, faultsIn(controls));
      case "POST /_local/end-sessions":
        controls.endSessions();
        return json(200, {});
      case "POST /_local/outage":
        controls.outage(numberIn(bodyOf(request), "seconds"));
        return json(200, {});
      case "POST /_local/kick":
        controls.kick(textIn(bodyOf(request), "clientId"));
        return json(200, {});
      default:
        return json(404, { message: `there is no ${request.method} ${request.path}` });
    }
  } catch (error) {
    return json(400, { message: error instanceof Error ? error.message : "bad request" });
  }
}

function orderFaults(body: Record<string, unknown>, { httpFaults, mqttFaults }: LocalControls): void {
  const unknown = Object.keys(body).find((name) => name !== "http" && name !== "mqtt");
  if (unknown !== undefined) throw new Error(`unknown member ${unknown.slice(0, 40)}; http and mqtt are known`);
  // All are read before one is ordered: a mistake in the last orders none.
  const http = listOf(body.http).map(readHttpFault);
  const mqtt = listOf(body.mqtt).map(readMqttFault);
  const standing = httpFaults.list().length + mqttFaults.list().length;
  if (standing + http.length + mqtt.length > MAX_FAULTS) throw new Error(`more than ${MAX_FAULTS} faults on order`);
  for (const fault of http) httpFaults.add(fault);
  for (const fault of mqtt) mqttFaults.add(fault);
}

function faultsIn({ httpFaults, mqttFaults }: LocalControls) {
  return { http: httpFaults.list(), mqtt: mqttFaults.list().map(({ rule }) => rule) };
}

function listOf(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function json(status: number, value: object): CloudResponse {
  return { status, headers: { "content-type": "application/json" }, body: textSource(`${JSON.stringify(value)}\n`) };
}

function bodyOf(request: CloudRequest): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(request.body).toString("utf8"));
  } catch {
    throw new Error("the body is not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Error("the body is not a JSON object");
  return { ...parsed };
}

function numberIn(body: Record<string, unknown>, name: string): number {
  const value = body[name];
  if (typeof value !== "number" || !(value >= 0 && value <= 86_400))
    throw new Error(`${name} must be a number, 0...86400`);
  return value;
}

function textIn(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value !== "string") throw new Error(`${name} must be a string`);
  return value;
}
