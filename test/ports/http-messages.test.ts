import assert from "node:assert/strict";
import { bodyKindOf, ResponseHead, requestHead } from "../../host-sim/ports/http-messages.js";

function head(lines: readonly string[], mask?: readonly string[]): ResponseHead {
  const response = new ResponseHead(mask);
  const [status = "", ...fields] = lines;
  response.takeStatus(status);
  for (const field of fields) response.takeField(field);
  return response;
}

describe("the HTTP port's messages", () => {
  it("write the request line, host without port, and the headers as given", () => {
    const { text, body } = requestHead("h.test", "GET", "/a?b", new Map<string, unknown>([["Range", "bytes=0-"]]));
    assert.equal(text, "GET /a?b HTTP/1.1\r\nhost: h.test\r\nRange: bytes=0-\r\n\r\n");
    assert.equal(body, 0);
  });

  it("learn of a request's body from its headers", () => {
    assert.equal(requestHead("h", "PUT", "/", new Map([["Content-Length", "12"]])).body, 12);
    assert.equal(requestHead("h", "PUT", "/", new Map([["transfer-encoding", "Chunked"]])).body, "chunked");
  });

  it("keep the line end of the status text", () => {
    const response = head(["HTTP/1.1 206 Partial Content\r\n"]);
    assert.equal(response.status, 206);
    assert.equal(response.statusText, "Partial Content\r\n");
  });

  it("refuse a status line without reason phrase", () => {
    assert.equal(new ResponseHead(undefined).takeStatus("HTTP/1.1 200\r\n"), false);
    assert.equal(new ResponseHead(undefined).takeStatus("garbage\r\n"), false);
  });

  it("lower names, trim values, keep the last of a repeated field", () => {
    const { headers } = head(["HTTP/1.1 200 OK\r\n", 'ETag:  "a" \r\n', "X: 1\r\n", "x: 2\r\n"]);
    assert.deepEqual(
      [...headers],
      [
        ["etag", '"a"'],
        ["x", "2"],
      ],
    );
  });

  it("keep only masked names, and count the length in any case", () => {
    const response = head(["HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "etag: a\r\n"], []);
    assert.equal(response.headers.size, 0);
    assert.equal(bodyKindOf(response).remaining, 5);
  });

  it("know three ends of a body, and not those that the status or the method says", () => {
    assert.deepEqual(bodyKindOf(head(["HTTP/1.1 204 No\r\n"])), { remaining: 0, chunked: false });
    assert.deepEqual(
      bodyKindOf(head(["HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n", "content-length: 3\r\n"])),
      {
        remaining: 0,
        chunked: true,
      },
    );
    assert.equal(bodyKindOf(head(["HTTP/1.1 304 Not\r\n"])).remaining, Number.POSITIVE_INFINITY);
    assert.equal(bodyKindOf(head(["HTTP/1.1 100 Continue\r\n"])).remaining, Number.POSITIVE_INFINITY);
  });
});
