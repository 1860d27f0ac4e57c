/** The peer answers each path with fixed bytes; see the peers' table for what stands behind the paths. */
import { type Check, messageOf, nameOf, type Program } from "./harness.js";
import { DNSResolver, type HTTP, HTTPClient, type HTTPRequest, type HTTPRequestOptions, text, UDP } from "./sdk.js";
import { LOCAL, ports } from "./settings.js";

interface Journal {
  readonly client: HTTP;
  readonly lines: string[];
  get(path: string, options?: HTTPRequestOptions): HTTPRequest;
}

function journal(check: Check, options: object = {}): Journal {
  const lines: string[] = [];
  const client = new HTTPClient({
    host: LOCAL,
    port: ports.http,
    dns: { io: DNSResolver, servers: [], socket: { io: UDP } },
    socket: { io: check.GuardedTCP },
    onError: check.callback((error?: unknown) =>
      lines.push(`error ${error === undefined ? "" : messageOf(error)}`.trim()),
    ),
    ...options,
  });
  check.cleanup(() => client.close());
  const get = (path: string, request: HTTPRequestOptions = {}): HTTPRequest =>
    client.request({
      path,
      onHeaders: check.callback((status: number) => lines.push(`headers ${status}`)),
      onReadable(count) {
        const body = this.read(count);
        lines.push(`body ${body instanceof ArrayBuffer ? text.decode(body) : String(body)}`);
      },
      onDone: check.callback((error: Error | null) =>
        lines.push(error === null ? "done" : `failed ${nameOf(error)}${error.message}`),
      ),
      ...request,
    });
  return { client, lines, get };
}

/** A program that asks for one path and compares what was called within a time. */
function expects(
  name: string,
  path: string,
  expected: string,
  escaped = "",
  options: HTTPRequestOptions = {},
): Program {
  return {
    name: `http: ${name}`,
    run(check) {
      const { lines, get } = journal(check);
      get(path, options);
      check.after(500, () => {
        check.equal(lines.join(" | "), expected, "calls");
        const classes = check.escaped.map((line) => line.slice(0, line.indexOf(":")));
        check.equal(classes.join(), escaped, `exceptions (${check.escaped.join()})`);
        check.done();
      });
    },
  };
}

export const httpContract: readonly Program[] = [
  expects("a response with a length", "/ok", "headers 200 | body hello | done"),
  expects("a status of 400 and up is no error", "/missing", "headers 404 | body no | done"),
  expects("a chunked response with extensions", "/chunked", "headers 200 | body abc | body de | done"),
  expects("204 has no body", "/204", "headers 204 | done"),
  expects("a redirect is not followed", "/302", "headers 302 | done"),
  expects("304 without a length never ends", "/304", "headers 304"),
  expects("304 without a length fails when the server closes", "/304-close", "headers 304 | failed Error | error"),
  expects("the response to HEAD never ends", "/head", "headers 200", "", { method: "HEAD" }),
  expects(
    "100 Continue is taken for the response",
    "/100",
    "headers 100 | body HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  ),
  expects(
    "chunk trailers throw in the socket's callback",
    "/trailers",
    "headers 200 | body abc | failed Error | error",
    "Error",
  ),
  expects(
    "a missing reason phrase fails, and throws as well",
    "/no-reason",
    "failed Error | error bad response | error",
    "TypeError",
  ),
  expects("lines that end with LF alone hang", "/lf", ""),
  expects("a connection closed before the response fails", "/close", "failed Error | error"),
  expects(
    "a connection closed in the body fails after the bytes",
    "/short",
    "headers 200 | body abc | failed Error | error",
  ),
  expects("a reset in the body fails after the bytes", "/reset", "headers 200 | body abc | failed Error | error"),
  expects(
    "a body that ends with the connection arrives and fails",
    "/until-close",
    "headers 200 | body abc | failed Error | error",
  ),
  expects("close after a complete response is done, then an error", "/last", "headers 200 | body hello | done | error"),
  expects("bytes beyond the length are ignored", "/more", "headers 200 | body hello | done"),
  {
    name: "http: the request carries host without port and the headers as given",
    run(check) {
      const { client } = journal(check);
      let body = "";
      client.request({
        path: "/request",
        headers: new Map<string, unknown>([
          ["Range", "bytes=5-"],
          ["x-list", ["a", "b"]],
        ]),
        onReadable(count) {
          body += text.decode(this.read(count));
        },
        onDone: check.callback(() => {
          check.equal(
            body.toLowerCase(),
            `get /request http/1.1\r\nhost: ${LOCAL}\r\nrange: bytes=5-\r\nx-list: a,b\r\n\r\n`,
            "request",
          );
          check.done();
        }),
      });
    },
  },
  {
    name: "http: names are lower case, the last repetition counts, statusText keeps its line end",
    run(check) {
      const { get } = journal(check);
      get("/headers", {
        onHeaders: check.callback((_status: number, headers: Map<string, string>, statusText: string) => {
          check.equal(headers.get("x-name"), "second", "repeated");
          check.equal(headers.get("etag"), '"v1"', "mixed case");
          check.equal(statusText, "Very Good\r\n", "status text");
          check.done();
        }),
      });
    },
  },
  {
    name: "http: headersMask keeps the listed names, an empty list none, and the length counts anyway",
    run(check) {
      const seen: string[] = [];
      const { get } = journal(check);
      const note = check.callback((_status: number, headers: Map<string, string>) => {
        seen.push([...headers.keys()].join());
      });
      get("/headers", { headersMask: ["etag"], onHeaders: note });
      get("/headers", {
        headersMask: [],
        onHeaders: note,
        onDone: check.callback(() => {
          check.equal(seen.join("|"), "etag|", "names");
          check.done();
        }),
      });
    },
  },
  {
    name: "http: requests run one after the other in the order they were made",
    run(check) {
      const { lines, get } = journal(check);
      get("/ok");
      get("/missing");
      check.after(500, () => {
        check.equal(lines.join(" "), "headers 200 body hello done headers 404 body no done", "calls");
        check.done();
      });
    },
  },
  {
    name: "http: reads clamp to what there is, into a view too, and wait for a later read",
    run(check) {
      const { lines, get } = journal(check);
      const into = new Uint8Array(8);
      const request = get("/ok", { onReadable() {} });
      check.after(200, () => {
        check.equal(lines.join(), "headers 200", "before the read");
        check.equal(request.read(into), 5, "count");
        check.equal(into.join(), "104,101,108,108,111,0,0,0", "bytes");
      });
      check.after(400, () => {
        check.equal(lines.join(), "headers 200,done", "after the read");
        check.done();
      });
    },
  },
  {
    name: "http: after an error requests vanish",
    run(check) {
      const { lines, get } = journal(check);
      get("/close");
      check.after(300, () => {
        const before = lines.length;
        get("/ok");
        check.after(300, () => {
          check.equal(lines.length, before, "calls");
          check.done();
        });
      });
    },
  },
  {
    name: "http: a refused connection fails every request, then the client",
    run(check) {
      const { lines, get } = journal(check, { port: ports.closed });
      get("/one");
      get("/two");
      check.after(300, () => {
        check.equal(lines.join(" | "), "failed Error | failed Error | error", "calls");
        check.done();
      });
    },
  },
  {
    name: "http: close silences everything, also inside onHeaders and onReadable",
    run(check) {
      const first = journal(check);
      first.get("/ok", { onHeaders: () => first.client.close() });
      const second = journal(check);
      second.get("/ok", { onReadable: () => second.client.close() });
      check.after(400, () => {
        check.equal(first.lines.join(), "", "after onHeaders");
        check.equal(second.lines.join(), "headers 200", "after onReadable");
        check.equal(check.escaped.join(), "", "exceptions");
        check.done();
      });
    },
  },
  {
    name: "http: close does not cancel the name resolution, whose socket is never closed",
    run(check) {
      let resolved: ((host: string, address: string) => void) | undefined;
      let opened = 0;
      class LateResolver {
        resolve(options: { onResolved(host: string, address: string): void }): void {
          resolved = options.onResolved;
        }
      }
      class CountingSocket {
        constructor() {
          opened += 1;
        }
        close(): void {
          opened -= 1;
        }
      }
      const client = new HTTPClient({ host: "x.test", dns: { io: LateResolver }, socket: { io: CountingSocket } });
      client.close();
      resolved?.("x.test", LOCAL);
      client.close();
      check.equal(opened, 0, "closed by a second close only");
      check.done();
    },
  },
  {
    name: "http: the constructor needs a host",
    run(check) {
      check.throws(() => new HTTPClient({ dns: {}, socket: {} }), "Error", "host required", "no host");
      check.done();
    },
  },
];
