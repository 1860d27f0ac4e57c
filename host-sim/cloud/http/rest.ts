import { AwsError, type CloudContext } from "../context/context.js";
import type { HttpFault } from "../faults/http-faults.js";
import { uuidOf } from "../iot/service.js";
import { type CloudRequest, type CloudResponse, queryMap, textSource } from "../message/message.js";
import { matchPath, type RestInput, type RestRoute, type RestService } from "../message/rest-route.js";
import type { CredentialBook } from "../sigv4/credentials.js";
import { verifySignature } from "../sigv4/verify.js";
import { refuseNotEmulated } from "./not-emulated.js";
import { restError } from "./rest-errors.js";

/** Members that travel in headers. */
const HEADER_MEMBERS = Object.freeze({ "x-amzn-principal": "principal", "x-amzn-iot-principal": "principal" });

/** Signing name of service `iot` in older clients; the CLI of Debian 12 (2.9) still uses it, and AWS takes both. */
export const OLD_IOT_NAME = "execute-api";

export interface RestServices {
  readonly context: CloudContext;
  readonly credentials: CredentialBook;
  readonly routes: readonly RestRoute[];
}

/**
 * Answers a request to `iot`, `iot-jobs-data` or `iotdata`. Never throws.
 *
 * @param refusal why the request is refused already, without a look at its body
 */
export async function serveRest(
  request: CloudRequest,
  service: RestService,
  { context, credentials, routes }: RestServices,
  fault: HttpFault | undefined,
  refusal?: Error,
): Promise<CloudResponse> {
  const requestId = uuidOf(context.random);
  try {
    if (fault?.status !== undefined) {
      const error = new AwsError(
        (fault.error ?? "ServiceUnavailable").replace(/Exception$/, ""),
        "A fault that was ordered.",
      );
      return { ...restError(error, service, requestId, context.log), status: fault.status };
    }
    if (refusal !== undefined) throw refusal;
    const find = (id: string) => credentials.find(id);
    const verified = verifySignature(request, { find, now: context.clock.now(), region: context.region });
    const signed = verified.scope.service;
    if (signed !== service && !(service === "iot" && signed === OLD_IOT_NAME)) {
      throw new AwsError("InvalidSignature", `Credential should be scoped to correct service: '${service}'.`);
    }
    const { route, labels } = routeOf(request, service, routes);
    const input = inputOf(request, route, labels);
    refuseNotEmulated(route, input);
    const output = await route.run(input);
    return {
      status: 200,
      headers: { "content-type": "application/json", "x-amzn-requestid": requestId },
      body: textSource(JSON.stringify(output)),
    };
  } catch (error) {
    return restError(error, service, requestId, context.log);
  }
}

function routeOf(request: CloudRequest, service: RestService, routes: readonly RestRoute[]) {
  for (const route of routes) {
    if (route.service !== service || route.method !== request.method) continue;
    const labels = matchPath(route.path, request.path);
    if (labels !== undefined) return { route, labels };
  }
  const what = `${request.method} ${request.path.slice(0, 200)} of service ${service}`;
  throw new AwsError("UnknownOperation", `This operation (${what}) is not emulated by the local cloud.`);
}

function inputOf(request: CloudRequest, route: RestRoute, labels: Readonly<Record<string, string>>): RestInput {
  const header: Record<string, string> = {};
  for (const [name, member] of Object.entries(HEADER_MEMBERS)) {
    const value = request.headers[name];
    if (value !== undefined) header[member] = value;
  }
  const query = Object.fromEntries(queryMap(request.query));
  return route.payload === true
    ? { ...query, ...header, ...labels, payload: request.body }
    : { ...bodyOf(request.body), ...query, ...header, ...labels };
}

function bodyOf(body: Uint8Array): object {
  if (body.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new AwsError("InvalidRequest", "The request's body is not JSON.");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new AwsError("InvalidRequest", "The request's body is not a JSON object.");
  }
  return parsed;
}
