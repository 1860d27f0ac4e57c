/** Heads of HTTP/1.1 messages as the SDK's client writes and reads them. Pure. */

const LINE_END = "\r\n";

export interface RequestHead {
  readonly text: string;
  /** Length of the body the headers announce; 0 = none. */
  readonly body: number | "chunked";
}

/** The client adds `host`, without a port, and nothing else. */
export function requestHead(host: string, method: string, path: string, headers: Map<string, unknown>): RequestHead {
  let text = `${method} ${path} HTTP/1.1${LINE_END}host: ${host}${LINE_END}`;
  let body: number | "chunked" = 0;
  for (const [name, value] of headers) {
    // An array of values is joined by commas.
    const line = String(value);
    text += `${name}: ${line}${LINE_END}`;
    const lower = name.toLowerCase();
    if (lower === "content-length") body = Number.parseInt(line, 10) || 0;
    if (lower === "transfer-encoding" && line.toLowerCase() === "chunked") body = "chunked";
  }
  return { text: text + LINE_END, body };
}

export class ResponseHead {
  readonly #mask: readonly string[] | undefined;
  #lastName: string | undefined;

  status = Number.NaN;
  /** With its line end. */
  statusText = "";
  readonly headers = new Map<string, string>();
  contentLength: number | undefined;
  chunked = false;

  /** Only names in `mask` are kept (lower case; an empty list keeps none). */
  constructor(mask: readonly string[] | undefined) {
    this.#mask = mask;
  }

  /** `false` for a line without two spaces: a status line without reason phrase is one. */
  takeStatus(line: string): boolean {
    const first = line.indexOf(" ");
    const second = line.indexOf(" ", first + 1);
    this.status = Number.parseInt(line.slice(first + 1, second), 10);
    this.statusText = line.slice(second + 1);
    return first >= 0 && second >= 0;
  }

  takeField(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? this.#lastName : line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    this.#lastName = name;
    if (name === undefined) return;
    // Of a repeated field the last value stays.
    if (this.#mask?.includes(name) !== false) this.headers.set(name, value);
    if (name === "content-length") this.contentLength = Number.parseInt(value, 10);
    if (name === "transfer-encoding" && value.toLowerCase() === "chunked") this.chunked = true;
  }
}

/** How the body ends. The method is not looked at, nor 304 and 1xx: those wait for a body that never comes. */
export function bodyKindOf(head: ResponseHead): { readonly remaining: number; readonly chunked: boolean } {
  if (head.status === 204 || head.status === 205) return { remaining: 0, chunked: false };
  if (head.chunked) return { remaining: 0, chunked: true };
  return { remaining: head.contentLength ?? Number.POSITIVE_INFINITY, chunked: false };
}
