import { type CloudRequest, splitTarget } from "../message/message.js";

const MAX_HEAD_BYTES = 16 * 1024;

/** Cuts a stream of bytes into HTTP/1.1 requests without a body: what a downloading device sends. */
export class HttpRequestParser {
  #text = "";

  /**
   * Takes bytes in: the requests that are complete, and whether something that is none stands behind them: no HTTP, a
   * head longer than 16 KiB, or one that announces a body. After that it takes nothing any more.
   */
  push(bytes: Uint8Array): { readonly requests: readonly CloudRequest[]; readonly bad: boolean } {
    // Before these bytes there was no end; it may begin in the last three of them.
    let from = Math.max(0, this.#text.length - 3);
    this.#text += Buffer.from(bytes).toString("latin1");
    const requests: CloudRequest[] = [];
    for (;;) {
      const end = this.#text.indexOf("\r\n\r\n", from);
      from = 0;
      // The same limit however the head is cut.
      if ((end < 0 ? this.#text.length : end) > MAX_HEAD_BYTES) return { requests, bad: true };
      if (end < 0) return { requests, bad: false };
      const request = parseHead(this.#text.slice(0, end));
      if (request === undefined) return { requests, bad: true };
      requests.push(request);
      this.#text = this.#text.slice(end + 4);
    }
  }
}

function parseHead(head: string): CloudRequest | undefined {
  const [first = "", ...lines] = head.split("\r\n");
  const start = /^([A-Z]+) (\/\S*) HTTP\/1\.1$/.exec(first);
  if (start === null) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/.exec(line);
    if (field === null) return undefined;
    const name = (field[1] ?? "").toLowerCase();
    if (name === "host" && headers.host !== undefined) return undefined;
    headers[name] = (field[2] ?? "").trim();
  }
  if (headers.host === undefined || headers["transfer-encoding"] !== undefined) return undefined;
  if ((headers["content-length"] ?? "0") !== "0") return undefined;
  return { method: start[1] ?? "", ...splitTarget(start[2] ?? "/"), headers, body: new Uint8Array(0) };
}
