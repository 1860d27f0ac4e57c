/** The far end of the HTTP contract: fixed bytes for each path, right and wrong ones. */
import type { Socket } from "node:net";

interface Answer {
  readonly bytes: string;
  /** Sent in a segment of its own. */
  readonly later?: string;
  /** What happens behind the bytes. Default: the connection stays open. */
  readonly ending?: "end" | "reset";
}

const ANSWERS: Readonly<Record<string, Answer>> = Object.freeze({
  "/ok": { bytes: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello" },
  "/missing": { bytes: "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno" },
  "/chunked": {
    bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;name=value\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
  },
  "/trailers": {
    bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc",
    // In one segment with the chunk it would be met in a timer's callback, where no guard stands: the end of the
    // machine.
    later: "\r\n0\r\nx-sum: 1\r\n\r\n",
  },
  "/204": { bytes: "HTTP/1.1 204 No Content\r\n\r\n" },
  "/302": { bytes: "HTTP/1.1 302 Found\r\nlocation: /ok\r\ncontent-length: 0\r\n\r\n" },
  "/304": { bytes: "HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n" },
  "/304-close": { bytes: "HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n", ending: "end" },
  "/head": { bytes: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" },
  "/100": {
    bytes: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  },
  "/no-reason": { bytes: "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok" },
  "/folded": { bytes: "HTTP/1.1 200 OK\r\nX-Name: a\r\n b\r\ncontent-length:\r\n\t2\r\n\r\nok" },
  "/garbage": { bytes: "SSH-2.0-server\r\n" },
  "/lf": { bytes: "HTTP/1.1 200 OK\ncontent-length: 2\n\nok" },
  "/close": { bytes: "", ending: "end" },
  "/short": { bytes: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc", ending: "end" },
  "/reset": { bytes: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc", ending: "reset" },
  "/until-close": { bytes: "HTTP/1.1 200 OK\r\n\r\nabc", ending: "end" },
  "/last": { bytes: "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello", ending: "end" },
  "/more": { bytes: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello, world" },
  "/headers": {
    bytes: 'HTTP/1.1 200 Very Good\r\nETag: "v1"\r\nX-Name: first\r\nx-name:  second \r\nContent-Length: 0\r\n\r\n',
  },
});

/** Time for the bytes to be read: a reset takes unread ones with it. */
const LATER_MS = 100;

export function serveHttp(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    for (let end = received.indexOf("\r\n\r\n"); end >= 0; end = received.indexOf("\r\n\r\n")) {
      const request = received.slice(0, end + 4);
      received = received.slice(end + 4);
      answer(socket, request);
    }
  });
}

function answer(socket: Socket, request: string): void {
  const [path = ""] = (request.split(" ")[1] ?? "").split("?");
  if (path === "/request") {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${request.length}\r\n\r\n${request}`);
    return;
  }
  const { bytes, ending, later } = ANSWERS[path] ?? { bytes: "HTTP/1.1 500 Unknown Path\r\ncontent-length: 0\r\n\r\n" };
  if (ending === "end") socket.end(bytes);
  else if (bytes !== "") socket.write(bytes);
  if (later !== undefined) setTimeout(() => socket.write(later), LATER_MS);
  if (ending === "reset") setTimeout(() => socket.resetAndDestroy(), LATER_MS);
}
