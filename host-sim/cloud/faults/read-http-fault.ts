import { HTTP_SERVICES, type HttpFault } from "./http-faults.js";

type Kind = "text" | "count" | "flag" | "drip" | "headers" | "service";

/** Members of {@link HttpFault} and how they are read from JSON. */
const MEMBERS: Readonly<Record<keyof HttpFault, Kind>> = Object.freeze({
  service: "service",
  method: "text",
  path: "text",
  skip: "count",
  times: "count",
  drop: "flag",
  delayMs: "count",
  status: "count",
  error: "text",
  retryAfter: "text",
  location: "text",
  cutAfterBytes: "count",
  stallAfterBytes: "count",
  drip: "drip",
  contentRange: "text",
  total: "count",
  etag: "text",
  ignoreRange: "flag",
  chunked: "flag",
  corruptByte: "count",
  close: "flag",
  expireUrl: "flag",
  headers: "headers",
});

/** Reads a fault from outside. Throws an Error that names the member which is unknown or wrong. */
export function readHttpFault(value: unknown): HttpFault {
  if (!isRecord(value)) throw new Error("a fault must be an object");
  for (const [name, member] of Object.entries(value)) {
    const kind = Object.entries(MEMBERS).find(([known]) => known === name)?.[1];
    if (kind === undefined) throw new Error(`a fault has no member ${name.slice(0, 40)}`);
    if (!isOfKind(member, kind)) throw new Error(`fault member ${name} has a wrong value`);
  }
  const { status } = value;
  if (typeof status === "number" && (status < 200 || status > 599))
    throw new Error("fault member status has a wrong value");
  return value;
}

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      // Most of them travel in a header, which a line end would break.
      return isHeaderText(value);
    case "count":
      return isCount(value);
    case "flag":
      return typeof value === "boolean";
    case "service":
      return HTTP_SERVICES.some((name) => name === value);
    case "drip":
      return isRecord(value) && isCount(value.bytes) && value.bytes > 0 && isCount(value.everyMs);
    case "headers":
      return (
        isRecord(value) &&
        Object.entries(value).every(([name, text]) => /^[a-z0-9-]+$/.test(name) && isHeaderText(text))
      );
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
function isHeaderText(value: unknown): boolean {
  return typeof value === "string" && /^[\x20-\x7e]*$/.test(value);
}
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
