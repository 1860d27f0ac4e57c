import type { CancelTimer, CloudClock, CloudContext } from "../../../host-sim/cloud/context/context.js";
import { type CloudRequest, type CloudResponse, splitTarget } from "../../../host-sim/cloud/message/message.js";
import { memoryContents } from "../../../host-sim/cloud/s3/contents.js";
import { handleS3 } from "../../../host-sim/cloud/s3/handle-s3.js";
import type { S3Switches } from "../../../host-sim/cloud/s3/service.js";
import { type CloudServices, createCloudServices } from "../../../host-sim/cloud/services/cloud-services.js";
import { signHeaders } from "../../../host-sim/cloud/sigv4/sign.js";
import { memoryStore } from "../../../host-sim/cloud/store/memory-store.js";

/** A clock that moves only by `advance`; timers fire in the order of their times. */
export class StepClock implements CloudClock {
  #now = Date.parse("2026-01-01T10:00:00Z");
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): CancelTimer {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }
}

const HOST = "s3.us-east-1.amazonaws.com";

/** S3 alone, in memory, on a clock that stands still, asked without any socket. */
export class MemoryS3 {
  readonly clock = new StepClock();
  readonly services: CloudServices;

  constructor(switches: Partial<S3Switches> = {}) {
    let seed = 1;
    const context: CloudContext = {
      clock: this.clock,
      store: memoryStore(),
      region: "us-east-1",
      account: "000000000000",
      random: (byteLength) =>
        Uint8Array.from({ length: byteLength }, () => {
          seed = (seed * 1103515245 + 12345) % 2147483648;
          return (seed >>> 16) & 0xff;
        }),
      log: (line) => {
        throw new Error(`unexpected log line: ${line}`);
      },
    };
    this.services = createCloudServices({
      context,
      contents: memoryContents(),
      presignOrigin: () => undefined,
      s3: switches,
    });
  }

  /** A signed request of the operator. */
  send(
    method: string,
    target: string,
    body: Uint8Array = new Uint8Array(0),
    headers: Record<string, string> = {},
  ): CloudResponse {
    const { credentials } = this.services;
    const signed = signHeaders(
      { method, host: HOST, target, body, headers },
      { credentials: credentials.operator(), region: "us-east-1", service: "s3", now: this.clock.now() },
    );
    return this.raw({ method, ...splitTarget(target), headers: signed, body });
  }

  raw(request: CloudRequest): CloudResponse {
    return handleS3(request, this.services.s3);
  }

  /** A GET with a URL as a device gets it. */
  get(url: string, headers: Record<string, string> = {}, method = "GET"): CloudResponse {
    const { host, pathname, search } = new URL(url);
    return this.raw({
      method,
      path: pathname,
      query: search.slice(1),
      headers: { host, ...headers },
      body: new Uint8Array(0),
    });
  }

  /** Stores an object and answers a presigned URL of it. */
  object(bucket: string, key: string, bytes: Uint8Array, expiresInSec = 60): string {
    this.send("PUT", `/${bucket}`);
    this.send("PUT", `/${bucket}/${key}`, bytes);
    return this.services.presign(`https://${HOST}/${bucket}/${key}`, expiresInSec);
  }
}

/** The whole body of a response. */
export function bodyBytes(response: CloudResponse): Uint8Array {
  const bytes = response.body.read(0, response.body.length);
  response.body.close();
  return bytes;
}

export function bodyText(response: CloudResponse): string {
  return Buffer.from(bodyBytes(response)).toString("utf8");
}

/** Bytes that differ at neighbouring offsets, so that a wrong offset shows. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}
