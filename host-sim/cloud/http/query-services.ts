import { AwsError } from "../context/context.js";
import type { HttpFault } from "../faults/http-faults.js";
import { uuidOf } from "../iot/service.js";
import { type CloudRequest, type CloudResponse, queryMap, textSource } from "../message/message.js";
import { XML_DECLARATION, xmlElements } from "../s3/errors.js";
import { signedService, type Verified, verifySignature } from "../sigv4/verify.js";
import { callerIdentity } from "./caller-identity.js";
import type { RestServices } from "./rest.js";
import { asAwsError } from "./rest-errors.js";

/** How a service that is no REST-JSON one writes what it has to say. */
type Protocol = "query" | "json" | "rest-json";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** Names of errors where the query protocol has its own. [AWS STS: Common error types] */
const QUERY_NAMES: Readonly<Record<string, string>> = Object.freeze({
  UnknownOperation: "InvalidAction",
  UnrecognizedClient: "InvalidClientTokenId",
  InvalidSignature: "SignatureDoesNotMatch",
  MissingAuthenticationToken: "MissingAuthenticationToken",
});

/**
 * Answers a request to AWS STS, and to every service that is not emulated: in the protocol in which the client speaks,
 * so that it says whose operation is missing. Never throws.
 *
 * @param refusal why the request is refused already, without a look at its body
 */
export function serveQuery(
  request: CloudRequest,
  { context, credentials }: RestServices,
  fault: HttpFault | undefined,
  refusal?: Error,
): CloudResponse {
  const requestId = uuidOf(context.random);
  const protocol = protocolOf(request);
  try {
    if (fault?.status !== undefined) {
      const code = (fault.error ?? "ServiceUnavailable").replace(/Exception$/, "");
      return {
        ...errorAnswer(new AwsError(code, "A fault that was ordered."), protocol, requestId),
        status: fault.status,
      };
    }
    if (refusal !== undefined) throw refusal;
    const find = (id: string) => credentials.find(id);
    const verified = verifySignature(request, { find, now: context.clock.now(), region: context.region });
    return operation(request, verified, context.account, requestId);
  } catch (error) {
    return errorAnswer(asAwsError(error, context.log), protocol, requestId);
  }
}

function operation(request: CloudRequest, verified: Verified, account: string, requestId: string): CloudResponse {
  const { service } = verified.scope;
  const action = actionOf(request);
  if (service !== "sts") {
    const what = action ?? request.headers["x-amz-target"] ?? `${request.method} ${request.path}`;
    throw new AwsError(
      "UnknownOperation",
      `Service '${service}' (${what.slice(0, 200)}) is not emulated by the local cloud.`,
    );
  }
  if (action !== "GetCallerIdentity") {
    throw new AwsError(
      "UnknownOperation",
      `The action ${(action ?? "").slice(0, 200)} is not emulated by the local cloud.`,
    );
  }
  const { arn, userId } = callerIdentity(verified.credentials, account);
  const result = `<GetCallerIdentityResult>${xmlElements({ Arn: arn, UserId: userId, Account: account })}</GetCallerIdentityResult>`;
  const metadata = `<ResponseMetadata>${xmlElements({ RequestId: requestId })}</ResponseMetadata>`;
  return xml(200, `<GetCallerIdentityResponse xmlns="${NAMESPACE}">${result}${metadata}</GetCallerIdentityResponse>`);
}

/** The action of the query protocol, in the body's form or in the query. */
function actionOf(request: CloudRequest): string | undefined {
  const form = isForm(request) ? Buffer.from(request.body).toString("utf8").replaceAll("+", "%20") : "";
  return queryMap(form).get("Action") ?? queryMap(request.query).get("Action");
}

function isForm({ headers }: CloudRequest): boolean {
  return (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
}

function protocolOf(request: CloudRequest): Protocol {
  if (request.headers["x-amz-target"] !== undefined) return "json";
  const speaksQuery = isForm(request) || signedService(request) === "sts" || queryMap(request.query).has("Action");
  return speaksQuery ? "query" : "rest-json";
}

function errorAnswer({ code, message }: AwsError, protocol: Protocol, requestId: string): CloudResponse {
  const status = code === "ServiceUnavailable" ? 503 : code === "InternalFailure" ? 500 : statusOf(code, protocol);
  if (protocol === "query") {
    const error = xmlElements({
      Type: status < 500 ? "Sender" : "Receiver",
      Code: QUERY_NAMES[code] ?? code,
      Message: message,
    });
    const body = `<ErrorResponse xmlns="${NAMESPACE}"><Error>${error}</Error>${xmlElements({ RequestId: requestId })}</ErrorResponse>`;
    return xml(status, body);
  }
  const name = `${code}Exception`;
  return {
    status,
    headers: {
      "content-type": protocol === "json" ? "application/x-amz-json-1.1" : "application/json",
      "x-amzn-errortype": name,
      "x-amzn-requestid": requestId,
    },
    body: textSource(JSON.stringify({ __type: name, message })),
  };
}

function statusOf(code: string, protocol: Protocol): number {
  if (code === "UnknownOperation") return protocol === "rest-json" ? 404 : 400;
  if (code === "RequestEntityTooLarge") return 413;
  return code === "IncompleteSignature" ? 400 : 403;
}

function xml(status: number, body: string): CloudResponse {
  return { status, headers: { "content-type": "text/xml" }, body: textSource(XML_DECLARATION + body) };
}
