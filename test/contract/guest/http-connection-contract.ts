/**
 * The firmware's own HTTP client on the platform's sockets, in front of the same peer as the SDK's: what that one
 * cannot read, this one does.
 */
import { timer } from "../../../modules/device-ports/timer.js";
import { HttpConnection, type HttpFailure } from "../../../modules/http-client/index.js";
import type { Check, Program } from "./harness.js";
import { DNSResolver, text, UDP } from "./sdk.js";
import { LOCAL, ports } from "./settings.js";

const SHOWN = ["etag", "x-name", "connection"];

function connect(check: Check, port = ports.http): HttpConnection {
  const connection = new HttpConnection({
    endpoint: {
      dns: { io: DNSResolver, servers: ["127.0.0.1"], socket: { io: UDP } },
      socket: { io: check.GuardedTCP },
    },
    secure: false,
    host: LOCAL,
    port,
    hostHeader: LOCAL,
    timer,
    keptHeaders: ["etag", "x-name"],
  });
  check.cleanup(() => connection.close());
  return connection;
}

/** A body may come in pieces. */
function body(lines: string[], piece: string): void {
  const last = lines.length - 1;
  if (lines[last]?.startsWith("body ")) lines[last] += piece;
  else lines.push(`body ${piece}`);
}

/** Asks for one path; `lines` is what was called. */
function ask(check: Check, connection: HttpConnection, path: string, lines: string[], onEnd?: () => void): void {
  const buffer = new Uint8Array(64);
  connection.request(path, new Map(), {
    onHeaders: check.callback((status: number, headers: Map<string, string>) =>
      lines.push([`headers ${status}`, ...SHOWN.map((name) => headers.get(name) ?? "")].join(" ").trim()),
    ),
    onReadable: check.callback(() => {
      for (let count = connection.read(buffer); count > 0; count = connection.read(buffer))
        body(lines, text.decode(buffer.slice(0, count).buffer));
    }),
    onEnd: check.callback(() => {
      lines.push(connection.usable ? "end" : "end, closing");
      onEnd?.();
    }),
    onFailure: check.callback(({ code, detail }: HttpFailure) => lines.push(`${code}: ${detail}`)),
  });
}

function expects(name: string, path: string, expected: string, port?: number): Program {
  return {
    name: `http-connection: ${name}`,
    run(check) {
      const lines: string[] = [];
      ask(check, connect(check, port), path, lines);
      check.after(500, () => {
        check.equal(lines.join(" | "), expected, "calls");
        check.equal(check.escaped.join(), "", "exceptions");
        check.done();
      });
    },
  };
}

export const httpConnectionContract: readonly Program[] = [
  expects("a response with a length", "/ok", "headers 200 | body hello | end"),
  expects("a chunked response with extensions", "/chunked", "headers 200 | body abcde | end"),
  expects("chunk trailers", "/trailers", "headers 200 | body abc | end"),
  expects("204 has no body", "/204", "headers 204 | end"),
  expects("304 without a length", "/304", "headers 304 x | end"),
  expects("100 Continue before the answer", "/100", "headers 200 | body ok | end"),
  expects("a missing reason phrase", "/no-reason", "headers 200 | body ok | end"),
  expects("lines that end with LF alone", "/lf", "headers 200 | body ok | end"),
  expects("folded fields", "/folded", "headers 200  a b | body ok | end"),
  expects("an announced close", "/last", "headers 200   close | body hello | end, closing"),
  expects("bytes beyond the length end the connection", "/more", "headers 200 | body hello | end, closing"),
  expects("no HTTP", "/garbage", "bad-response: no status line"),
  expects("a connection closed before the response", "/close", "disconnected: connection closed before the response"),
  expects(
    "a connection closed in the body",
    "/short",
    "headers 200 | body abc | disconnected: connection closed within the response",
  ),
  expects("a refused connection", "/ok", "connect: connection failed", ports.closed),
  {
    name: "http-connection: one request after the other on one connection",
    run(check) {
      const lines: string[] = [];
      const connection = connect(check);
      ask(check, connection, "/ok", lines, () =>
        ask(check, connection, "/trailers", lines, () => ask(check, connection, "/missing", lines)),
      );
      check.after(800, () => {
        check.equal(
          lines.join(" | "),
          "headers 200 | body hello | end | headers 200 | body abc | end | headers 404 | body no | end",
          "calls",
        );
        check.equal(connection.requests, 3, "requests");
        check.done();
      });
    },
  },
  {
    name: "http-connection: a request longer than the socket's buffer",
    run(check) {
      const lines: string[] = [];
      ask(check, connect(check), `/ok?${"x".repeat(4000)}`, lines);
      check.after(800, () => {
        check.equal(lines[0], "headers 200", "calls");
        check.done();
      });
    },
  },
  {
    name: "http-connection: close silences everything, also within a callback",
    run(check) {
      const lines: string[] = [];
      const connection = connect(check);
      connection.request("/ok", new Map(), {
        onHeaders: () => connection.close(),
        onReadable: () => lines.push("readable"),
        onEnd: () => lines.push("end"),
        onFailure: () => lines.push("failure"),
      });
      check.after(300, () => {
        check.equal(lines.join(), "", "calls");
        check.equal(check.escaped.join(), "", "exceptions");
        check.done();
      });
    },
  },
];
