import assert from "node:assert/strict";
import { contentLength, HttpGrammarError, isChunked, listOf, ResponseReader } from "../../modules/http-client/index.js";

const KEPT = ["content-range", "etag", "location"];

type Seen = {
  status: number;
  headers: Record<string, string>;
  body: string;
  state: string;
  persistent: boolean;
  /** Bytes behind the response. */
  left: number;
};

/** Reads as the connection does: whatever is no body byte by byte. */
function read(text: string, reader = new ResponseReader(KEPT)): Seen {
  reader.begin();
  let body = "";
  let heads = 0;
  let at = 0;
  while (at < text.length && reader.state !== "end") {
    if (reader.state === "body") {
      const count = Math.min(reader.bodyLeft, text.length - at);
      body += text.slice(at, at + count);
      reader.bodyTaken(count);
      at += count;
    } else if (reader.take(text.charCodeAt(at++))) heads += 1;
  }
  assert.ok(heads <= 1, "the final head is told once");
  return {
    status: reader.status,
    headers: Object.fromEntries(reader.headers),
    body,
    state: reader.state,
    persistent: reader.persistent,
    left: text.length - at,
  };
}

const refuses = (text: string, message: RegExp) =>
  assert.throws(
    () => read(text),
    (error) => error instanceof HttpGrammarError && message.test(error.message),
  );

describe("a response of HTTP/1.1", () => {
  it("is read from its status line to the last byte of its body", () => {
    assert.deepEqual(read('HTTP/1.1 206 Partial Content\r\nETag: "a"\r\nServer: x\r\nContent-Length: 3\r\n\r\nabcd'), {
      status: 206,
      headers: { etag: '"a"', "content-length": "3" },
      body: "abc",
      state: "end",
      persistent: true,
      left: 1,
    });
  });

  it("is read after interim ones, of which no field is kept", () => {
    const interim = "HTTP/1.1 103 Early Hints\r\nETag: early\r\nContent-Length: 9\r\n\r\n";
    const { status, headers, body } = read(
      `HTTP/1.1 100\r\n\r\n${interim}HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx`,
    );
    assert.deepEqual({ status, headers, body }, { status: 200, headers: { "content-length": "1" }, body: "x" });
  });

  for (const line of [
    "HTTP/1.1 200",
    "HTTP/1.1 200 ",
    "http/1.1  200 fine",
    "HTTP/1.7 200 OK",
    "\r\n\nHTTP/1.1 200 OK",
  ])
    it(`begins with ${JSON.stringify(line)}`, () => {
      assert.equal(read(`${line}\r\nContent-Length: 0\r\n\r\n`).status, 200);
    });

  for (const line of [
    "SSH-2.0-x",
    "HTTP/2 200",
    "HTTP/1.1 20",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 -1 x",
    "ICY 200 OK",
    "<html>",
  ])
    it(`does not begin with ${JSON.stringify(line)}`, () => refuses(`${line}\r\n`, /no status line/));

  for (const status of ["101", "099"])
    it(`has no status ${status}`, () => refuses(`HTTP/1.1 ${status} x\r\n`, /unexpected status/));

  it("has no body with 204, 205 and 304, whatever its fields say", () => {
    for (const status of [204, 205, 304])
      assert.equal(read(`HTTP/1.1 ${status} x\r\nContent-Length: 5\r\n\r\n`).state, "end");
  });

  it("without a length lasts as long as the connection, which cannot be asked again", () => {
    const { state, body, persistent } = read("HTTP/1.1 200 OK\r\n\r\nabc");
    assert.deepEqual({ state, body, persistent }, { state: "body", body: "abc", persistent: false });
  });
});

describe("a header field", () => {
  const value = (lines: string) => read(`HTTP/1.1 200 OK\r\n${lines}\r\nContent-Length: 0\r\n\r\n`).headers;

  it("has a name in any case, and spaces and tabs around its value", () => {
    assert.equal(value("LOCATION:\t /a b \t").location, "/a b");
    assert.equal(value("location:/a").location, "/a");
    assert.equal(value("Location :/a").location, "/a", "a space before the colon");
  });

  it("may be empty, and hold colons", () => {
    assert.equal(value("Location:").location, "");
    assert.equal(value("Location: http://a:1/").location, "http://a:1/");
  });

  it("goes on in lines that begin with a space or tab", () => {
    assert.match(value("Content-Range: bytes\r\n 0-9/\r\n\t10")["content-range"] ?? "", /^bytes\s+0-9\/\s+10$/);
    assert.equal(value("X-Other: a\r\n b: c\r\n\tEtag: x\r\nETag: y").etag, "y", "not a field of its own");
    assert.equal(
      value(" Location: /x\r\nETag: y").location,
      undefined,
      "behind the status line there is none to go on",
    );
  });

  it("that is repeated is a list, or the same once", () => {
    assert.equal(value("Connection: keep-alive\r\nConnection: close").connection, "keep-alive, close");
    assert.equal(value('ETag: "a"\r\netag: "a"').etag, '"a"');
    assert.equal(value("Location: /a\r\nLocation: /b").location, "/a, /b");
  });

  it("ends with LF alone as well, and a CR within it counts as a space", () => {
    assert.equal(read("HTTP/1.1 200 OK\nETag: x\nContent-Length: 1\n\na").headers.etag, "x");
    assert.equal(value("Location: /a\rb").location, "/a b");
  });

  it("without a colon is passed over", () => {
    assert.deepEqual(value("nonsense\r\nETag: x"), { etag: "x", "content-length": "0" });
  });

  it("is not kept beyond the longest that can be used, and not at all when nobody asks for it", () => {
    const { length = 0 } = value(`Location: ${"x".repeat(10_000)}`).location ?? "";
    assert.ok(length > 4096 && length < 4200, `${length} characters`);
    assert.deepEqual(value(`Set-Cookie: ${"x".repeat(30_000)}`), { "content-length": "0" });
  });

  it("belongs to a head of 64 KiB at most, interim ones included", () => {
    refuses(`HTTP/1.1 200 OK\r\n${`X: ${"y".repeat(1000)}\r\n`.repeat(70)}`, /head too long/);
    refuses("HTTP/1.1 100 Continue\r\n\r\n".repeat(3000), /head too long/);
    refuses("\r\n".repeat(40_000), /head too long/);
  });
});

describe("the end of a connection", () => {
  const persistent = (version: string, fields: string) =>
    read(`HTTP/${version} 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`).persistent;

  it("is announced by close in the list that Connection is", () => {
    assert.equal(persistent("1.1", ""), true);
    for (const list of ["close", "Close", "close, Upgrade", "Upgrade ,CLOSE", ", close"])
      assert.equal(persistent("1.1", `Connection: ${list}\r\n`), false, list);
    for (const list of ["keep-alive", "closed", "Upgrade", ""])
      assert.equal(persistent("1.1", `Connection: ${list}\r\n`), true, list);
    assert.equal(persistent("1.1", "Connection: Upgrade\r\nConnection: close\r\n"), false);
  });

  it("is what HTTP/1.0 means without keep-alive", () => {
    assert.equal(persistent("1.0", ""), false);
    assert.equal(persistent("1.0", "Connection: Keep-Alive\r\n"), true);
    assert.equal(persistent("1.0", "Connection: keep-alive, close\r\n"), false);
  });
});

describe("a body in chunks", () => {
  const chunks = (text: string, fields = "") =>
    read(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${fields}\r\n${text}`);

  it("is put together, whatever stands behind the lengths and behind the last chunk", () => {
    const seen = chunks("3;a=b\r\nabc\r\n00A \t;x\r\n0123456789\r\n0;last\r\nX-Sum: 1\r\n folded\r\nEtag: no\r\n\r\n!");
    assert.deepEqual(
      { body: seen.body, state: seen.state, left: seen.left, etag: seen.headers.etag },
      {
        body: "abc0123456789",
        state: "end",
        left: 1,
        etag: undefined,
      },
    );
    assert.equal(seen.persistent, true);
  });

  it("is read with lines that end with LF alone", () => {
    assert.equal(chunks("3\nabc\n0\n\n").body, "abc");
  });

  for (const text of ["\r\n", "x\r\n", "-1\r\n", "0x3\r\nabc", "1234567890123\r\n", "3 abc\r\n", "3,3\r\n"])
    it(`has no chunk ${JSON.stringify(text)}`, () =>
      refuses(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`, /length of a chunk/));

  it("has nothing between a chunk and its line end", () => {
    assert.throws(() => chunks("3\r\nabcd\r\n"), /longer than it says/);
  });

  it("has an end, extensions and trailer included", () => {
    assert.throws(() => chunks(`3;${"x".repeat(70_000)}`), /head too long/);
    assert.throws(() => chunks(`0\r\n${"X: y\r\n".repeat(20_000)}`), /head too long/);
    assert.equal(chunks("1\r\nx\r\n".repeat(30_000)).body.length, 30_000, "many chunks are no long head");
  });

  it("counts beside a Content-Length, but nothing is asked behind it", () => {
    const { body, persistent } = chunks("3\r\nabc\r\n0\r\n\r\n", "Content-Length: 99\r\n");
    assert.deepEqual({ body, persistent }, { body: "abc", persistent: false });
  });
});

describe("the fields of a head", () => {
  it("are lists of members with parameters", () => {
    assert.deepEqual(listOf(" a ;q=1, ,B,, c"), ["a", "b", "c"]);
    assert.deepEqual(listOf(undefined), []);
  });

  it("tell a length once, or the same several times", () => {
    assert.equal(contentLength("5, 5,5"), 5);
    for (const text of ["5, 6", "", "+5", "5x", "0x5", "1e3", "1234567890123456", undefined])
      assert.equal(contentLength(text), undefined, String(text));
  });

  it("tell chunks, and nothing but chunks", () => {
    for (const text of ["chunked", "Chunked", "chunked;q=1", "identity, chunked"])
      assert.equal(isChunked(text), true, text);
    for (const text of ["gzip, chunked", "gzip", "chunked, gzip"]) assert.equal(isChunked(text), false, text);
    for (const text of [undefined, "", "identity"]) assert.equal(isChunked(text), undefined, text);
  });
});
