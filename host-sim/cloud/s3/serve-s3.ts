import type { HttpFault } from "../faults/http-faults.js";
import type { CloudRequest, CloudResponse } from "../message/message.js";
import { errorResponse } from "./errors.js";
import { handleS3 } from "./handle-s3.js";
import type { S3Service } from "./service.js";

/**
 * {@link handleS3} with a fault ordered for this request; the fault's effects on the bytes on the wire are the
 * delivery's.
 *
 * @param refusal why the request is refused already, without a look at its body
 */
export function serveS3(
  request: CloudRequest,
  s3: S3Service,
  fault: HttpFault | undefined,
  refusal?: Error,
): CloudResponse {
  if (fault?.status !== undefined) return ordered(request, s3, fault.status, fault.error);
  const { range: _, ...headers } = request.headers;
  const sent = fault?.ignoreRange === true ? { ...request, headers } : request;
  return handleS3(sent, s3, { expireUrl: fault?.expireUrl === true }, refusal);
}

function ordered(request: CloudRequest, s3: S3Service, status: number, code: string | undefined): CloudResponse {
  const ids = { requestId: Buffer.from(s3.context.random(8)).toString("hex").toUpperCase(), hostId: "fault" };
  const error = {
    code: code ?? (status === 503 ? "SlowDown" : "InternalError"),
    message: status === 503 ? "Please reduce your request rate." : "A fault that was ordered.",
    status,
    details: {},
    headers: {},
  };
  return errorResponse(error, ids, request.method === "HEAD");
}
