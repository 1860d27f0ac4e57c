import type { HttpFault } from "local-aws-iot/virtual";
import { type ConnectFate, DHCP_NAME_SERVER, type Faults } from "../board/network/index.js";
import type { VirtualCloud } from "../world/virtual-cloud.js";
import { S3_HOST } from "../world/virtual-cloud.js";
import type { Attempt } from "./replay-plan.js";

const FATES: Readonly<Record<string, ConnectFate>> = Object.freeze({
  connect: "refuse",
  tls: { tlsFailure: "handshake failure" },
});

/** What an attempt that fails with a code looks like at the server; `bytes` of this answer were taken. */
function httpFault(code: string, bytes: number): HttpFault {
  switch (code) {
    case "idle-timeout":
    case "too-slow":
      return { stallAfterBytes: bytes };
    case "response-timeout":
      return { delayMs: 3_600_000 };
    case "throttled":
      return { status: 503, error: "SlowDown" };
    case "server-error":
      return { status: 500, error: "InternalError" };
    case "bad-response":
      return { status: 299, error: "NoSuchStatus" };
    case "url-expired":
    case "access-denied":
      return { status: 403, error: "AccessDenied" };
    case "not-found":
      return { status: 404, error: "NoSuchKey" };
    case "request-refused":
      return { status: 405, error: "MethodNotAllowed" };
    case "range-not-satisfiable":
      return { status: 416, error: "InvalidRange" };
    case "redirect":
      return { status: 302, location: "nowhere at all" };
    case "size-mismatch":
      return { total: 99_999_999 };
    default:
      return bytes > 0 ? { cutAfterBytes: bytes } : { drop: true };
  }
}

/** Lets the attempts for the image go wrong one after the other, as the journal has them. */
export class AttemptFaults {
  readonly #waiting: Attempt[];
  readonly #cloud: Pick<VirtualCloud, "httpFaults">;
  #from = 0;
  /** The host's name has no address in the look-up under way. */
  #isUnknown = false;

  constructor(attempts: readonly Attempt[], cloud: Pick<VirtualCloud, "httpFaults">) {
    this.#waiting = [...attempts];
    this.#cloud = cloud;
  }

  readonly faults: Faults = {
    resolve: (host, server) => {
      if (!host.includes(S3_HOST)) return undefined;
      // A look-up begins with the server of DHCP; those asked behind it belong to the same attempt.
      if (server === DHCP_NAME_SERVER) {
        this.#isUnknown = this.#waiting[0]?.code === "dns";
        if (this.#isUnknown) this.#waiting.shift();
      }
      return this.#isUnknown ? "fail" : undefined;
    },
    connect: ({ host }) => {
      if (!host.includes(S3_HOST)) return undefined;
      const attempt = this.#waiting.shift();
      if (attempt === undefined) return undefined;
      const fate = FATES[attempt.code];
      if (fate !== undefined) return fate;
      this.#cloud.httpFaults.add({
        ...httpFault(attempt.code, Math.max(0, attempt.offset - this.#from)),
        path: ".bin",
      });
      this.#from = attempt.offset;
      return undefined;
    },
  };
}
