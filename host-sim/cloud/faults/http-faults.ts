import type { CloudRequest } from "../message/message.js";

/** Services of the HTTPS server, by their names in signatures. */
export const HTTP_SERVICES = Object.freeze(["iot", "iot-jobs-data", "iotdata", "sts", "s3"] as const);
/** `other`: any service that is not emulated. */
export type HttpServiceName = (typeof HTTP_SERVICES)[number] | "other";

/** One fault on order: which answers it hits, and what goes wrong with them. Several effects may be joined. */
export interface HttpFault {
  /** Which requests; what is absent fits all. */
  readonly service?: HttpServiceName;
  readonly method?: string;
  /** Text that the path contains. */
  readonly path?: string;
  /** Requests that fit and are let through first. Default 0. */
  readonly skip?: number;
  /** How often it happens; 0 = until removed. Default 1. */
  readonly times?: number;

  /** The connection is closed without an answer. */
  readonly drop?: boolean;
  /** The answer begins this much later. */
  readonly delayMs?: number;
  /** Another status, with the service's error body: `error` names the code, for example `SlowDown` or `Throttling`. */
  readonly status?: number;
  readonly error?: string;
  /** Value of a Retry-After header: seconds or an HTTP date. */
  readonly retryAfter?: string;
  /** Value of a Location header, with `status` 301, 302, 303, 307 or 308. */
  readonly location?: string;
  /** The connection is closed after so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** After so many bytes of the body nothing more comes and the connection stays open. */
  readonly stallAfterBytes?: number;
  /** The body comes in pieces of `bytes`, one every `everyMs`. */
  readonly drip?: { readonly bytes: number; readonly everyMs: number };
  /** `missing`, or the header's whole text. */
  readonly contentRange?: string;
  /** Another total size in Content-Range: the object looks as if it had been replaced. */
  readonly total?: number;
  /** Another entity tag. */
  readonly etag?: string;
  /** 200 with the whole object where 206 was asked for. */
  readonly ignoreRange?: boolean;
  /** `Transfer-Encoding: chunked` instead of Content-Length. */
  readonly chunked?: boolean;
  /** Flips all bits of the byte at this offset of the body. */
  readonly corruptByte?: number;
  /** `Connection: close` after the answer. */
  readonly close?: boolean;
  /** A presigned URL counts as expired. */
  readonly expireUrl?: boolean;
  /** Further response headers, lower-case names; an empty value removes the header. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Standing {
  readonly fault: HttpFault;
  skip: number;
  left: number;
}

/** The faults in force, in the order they were ordered; a request is hit by the first that fits. */
export class HttpFaults {
  readonly #standing: Standing[] = [];

  add(fault: HttpFault): void {
    const times = fault.times ?? 1;
    this.#standing.push({ fault, skip: fault.skip ?? 0, left: times === 0 ? Number.POSITIVE_INFINITY : times });
  }

  clear(): void {
    this.#standing.length = 0;
  }

  list(): HttpFault[] {
    return this.#standing.map(({ fault }) => fault);
  }

  /** The fault for this request, which counts as happened. */
  take(service: HttpServiceName, request: Pick<CloudRequest, "method" | "path">): HttpFault | undefined {
    for (const standing of this.#standing) {
      if (!fits(standing.fault, service, request)) continue;
      if (standing.skip > 0) {
        standing.skip -= 1;
        continue;
      }
      standing.left -= 1;
      if (standing.left <= 0) this.#standing.splice(this.#standing.indexOf(standing), 1);
      return standing.fault;
    }
    return undefined;
  }
}

function fits(fault: HttpFault, service: HttpServiceName, request: Pick<CloudRequest, "method" | "path">): boolean {
  return (
    (fault.service ?? service) === service &&
    (fault.method ?? request.method) === request.method &&
    request.path.includes(fault.path ?? "")
  );
}
