import { request } from "node:https";
import { type RestServices, serveRest } from "../http/rest.js";
import type { CloudRequest } from "../message/message.js";
import { splitTarget } from "../message/message.js";
import type { RestService } from "../message/rest-route.js";
import { serveS3 } from "../s3/serve-s3.js";
import type { S3Service } from "../s3/service.js";
import type { Credentials } from "../sigv4/credentials.js";
import { presignUrl, signHeaders } from "../sigv4/sign.js";

/** A request that the operator signs and sends. */
export interface OperatorRequest {
  readonly service: RestService | "s3";
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}
/** What the cloud answered, whatever the status. */
export interface OperatorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Sends signed requests to a cloud. */
export interface Operator {
  /** `https://host:port` */
  readonly origin: string;
  readonly region: string;
  send(request: OperatorRequest): Promise<OperatorAnswer>;
  /**
   * A presigned GET URL of an S3 object, signed now. `target`: path with bucket and key. `expiresInSec`: 1 to 604800.
   */
  presign(target: string, expiresInSec: number): string;
}

/** An operator anywhere: over HTTPS, as every AWS client does it. Errors of the connection reject. */
export function httpsOperator(options: {
  origin: string;
  region: string;
  ca: string;
  credentials: Credentials;
}): Operator {
  const { origin, region, ca, credentials } = options;
  const url = new URL(origin);
  return {
    origin,
    region,
    presign: (target, expiresInSec) =>
      presignUrl(origin + target, { credentials, region, service: "s3", now: Date.now(), expiresInSec }),
    send({ service, method, target, headers, body = new Uint8Array(0) }) {
      const signed = signHeaders(
        { method, host: url.host, target, body, ...(headers === undefined ? {} : { headers }) },
        { credentials, region, service, now: Date.now() },
      );
      return new Promise((resolve, reject) => {
        const outgoing = request(
          {
            host: url.hostname,
            port: url.port,
            method,
            path: target,
            ca,
            headers: { ...signed, "content-length": body.length },
          },
          (incoming) => {
            const parts: Buffer[] = [];
            incoming.on("data", (part: Buffer) => parts.push(part));
            incoming.on("error", reject);
            incoming.on("end", () => {
              const received: Record<string, string> = {};
              for (const [name, value] of Object.entries(incoming.headers))
                if (typeof value === "string") received[name] = value;
              resolve({
                status: incoming.statusCode ?? 0,
                headers: received,
                text: Buffer.concat(parts).toString("utf8"),
              });
            });
          },
        );
        outgoing.on("error", reject);
        outgoing.end(body);
      });
    },
  };
}

/** An operator inside the cloud's process: the same signed requests, without a socket and without counting. */
export function insideOperator(options: { origin: string; rest: RestServices; s3: S3Service }): Operator {
  const { origin, rest, s3 } = options;
  const { region, clock } = rest.context;
  const host = new URL(origin).host;
  const credentials = rest.credentials.operator();
  return {
    origin,
    region,
    presign: (target, expiresInSec) =>
      presignUrl(origin + target, { credentials, region, service: "s3", now: clock.now(), expiresInSec }),
    async send({ service, method, target, headers, body = new Uint8Array(0) }) {
      const signed = signHeaders(
        { method, host, target, body, ...(headers === undefined ? {} : { headers }) },
        { credentials, region, service, now: clock.now() },
      );
      const sent: CloudRequest = { method, ...splitTarget(target), headers: signed, body };
      const response =
        service === "s3" ? serveS3(sent, s3, undefined) : await serveRest(sent, service, rest, undefined);
      const text = Buffer.from(response.body.read(0, response.body.length)).toString("utf8");
      response.body.close();
      return { status: response.status, headers: response.headers, text };
    },
  };
}

/** Thrown by {@link expectOk}. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** The answer when its status is 2xx, else an error that says what failed and why. */
export function expectOk(what: string, answer: OperatorAnswer): OperatorAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  const xml = /<Code>([^<]*)<\/Code><Message>([^<]*)</.exec(answer.text);
  const reason = xml === null ? `${answer.headers["x-amzn-errortype"] ?? ""} ${answer.text}` : `${xml[1]} ${xml[2]}`;
  throw new OperatorError(`${what}: ${answer.status} ${reason.trim().slice(0, 300)}`, answer.status);
}
