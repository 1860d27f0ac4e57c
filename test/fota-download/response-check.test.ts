import assert from "node:assert/strict";
import { type AskedRange, planRange, rangeHeaders } from "../../modules/fota-download/range-plan.js";
import {
  checkRefusal,
  checkResponse,
  type KnownContent,
  parseContentRange,
} from "../../modules/fota-download/response-check.js";

const TAG = '"abc"';
const OPEN: AskedRange = { start: 100, end: undefined, ifMatch: TAG };
const KNOWN: KnownContent = { size: 1000, sizeDemanded: false, etag: TAG, maxSize: 2000 };

function check(status: number, headers: Record<string, string>, asked = OPEN, known = KNOWN) {
  return checkResponse(status, new Map(Object.entries(headers)), asked, known);
}

const UNKNOWN: KnownContent = { ...KNOWN, size: undefined };
const PART = { "content-range": "bytes 100-999/1000", "content-length": "900", etag: TAG };

describe("the range plan", () => {
  it("asks for all that is left by default", () => {
    const asked = planRange({ offset: 0, size: undefined, rangeLength: undefined, etag: undefined });
    assert.equal(rangeHeaders(asked).get("range"), "bytes=0-");
  });

  it("pins a resumed download to its content", () => {
    const asked = planRange({ offset: 65536, size: 1_000_000, rangeLength: undefined, etag: TAG });
    assert.deepEqual(
      [...rangeHeaders(asked)],
      [
        ["accept-encoding", "identity"],
        ["range", "bytes=65536-"],
        ["if-match", TAG],
      ],
    );
  });

  it("asks for the content as it is stored, in no coding", () => {
    const asked = planRange({ offset: 0, size: undefined, rangeLength: undefined, etag: undefined });
    assert.equal(rangeHeaders(asked).get("accept-encoding"), "identity");
  });

  it("names no range to a server that cannot deal with one", () => {
    const asked = planRange({ offset: 100, size: 1000, rangeLength: 10, etag: TAG, whole: true });
    assert.deepEqual({ start: asked.start, end: asked.end }, { start: 100, end: undefined });
    assert.equal(rangeHeaders(asked).has("range"), false);
    assert.equal(rangeHeaders(asked).get("if-match"), TAG);
  });

  it("does not send a weak tag, which never matches", () => {
    assert.equal(planRange({ offset: 1, size: 10, rangeLength: undefined, etag: 'W/"abc"' }).ifMatch, undefined);
  });

  it("limits the range where asked to, and leaves the last one open", () => {
    const plan = (offset: number) => planRange({ offset, size: 1000, rangeLength: 400, etag: undefined }).end;
    assert.deepEqual([plan(0), plan(400), plan(599), plan(600), plan(800)], [399, 799, 998, undefined, undefined]);
  });
});

describe("a 206 response", () => {
  it("is taken when every field agrees", () => {
    assert.deepEqual(check(206, PART), {
      kind: "content",
      size: 1000,
      etag: TAG,
      restart: false,
      skip: 0,
      length: 900,
      reusable: false,
    });
  });

  it("leaves the connection usable only within the content and with a certain end", () => {
    const reusable = (headers: Record<string, string>) => {
      const verdict = check(206, headers);
      return verdict.kind === "content" && verdict.reusable;
    };
    const range = { "content-range": "bytes 100-199/1000" };
    assert.equal(reusable({ ...range, "content-length": "100" }), true);
    assert.equal(reusable(range), false);
    assert.equal(reusable({ ...range, "transfer-encoding": "chunked" }), true);
    assert.equal(reusable({ ...range, "transfer-encoding": "gzip" }), false);
    assert.equal(reusable(PART), false);
  });

  it("is taken chunked", () => {
    const { "content-length": _, ...rest } = PART;
    assert.equal(check(206, { ...rest, "transfer-encoding": "chunked" }).kind, "content");
  });

  it("is taken without a length of its own", () => {
    const { "content-length": _, ...rest } = PART;
    assert.equal(check(206, rest).kind, "content");
  });

  it("is taken when it is shorter than asked for", () => {
    const verdict = check(206, { "content-range": "bytes 100-199/1000", "content-length": "100" });
    assert.equal(verdict.kind === "content" && verdict.length, 100);
  });

  it("is taken with an unknown total when the length is known", () => {
    assert.equal(check(206, { "content-range": "bytes 100-999/*" }).kind, "content");
  });

  it("is taken with a coding of identity", () => {
    assert.equal(check(206, { ...PART, "content-encoding": "Identity" }).kind, "content");
  });

  for (const coding of ["aws-chunked", "identity, aws-chunked", "AWS-Chunked,"])
    it(`is taken with ${coding}, which codes nothing`, () => {
      assert.equal(check(206, { ...PART, "content-encoding": coding }).kind, "content");
    });

  it("is taken with spaces, case and repetitions that mean nothing", () => {
    assert.equal(
      check(206, { "content-range": "BYTES  100 - 999 / 1000", "content-length": "900, 900" }).kind,
      "content",
    );
  });

  const bounded: AskedRange = { start: 100, end: 199, ifMatch: undefined };

  it("without Content-Range is what was asked for when its length is exactly that", () => {
    const length = (headers: Record<string, string>, asked: AskedRange, known: KnownContent) => {
      const verdict = check(206, headers, asked, known);
      return verdict.kind === "content" ? [verdict.length, verdict.size] : verdict.kind;
    };
    const first: AskedRange = { start: 0, end: undefined, ifMatch: undefined };
    assert.deepEqual(length({ "content-length": "900" }, OPEN, KNOWN), [900, 1000]);
    assert.deepEqual(length({ "content-length": "100" }, bounded, KNOWN), [100, 1000]);
    assert.deepEqual(length({ "content-length": "1000" }, first, KNOWN), [1000, 1000]);
    assert.deepEqual(length({ "content-length": "77" }, first, UNKNOWN), [77, 77]);
  });

  it("that nobody can place makes the next request one for the whole content", () => {
    const verdict = check(206, { "content-length": "899" });
    assert.equal(verdict.kind === "error" && verdict.wholeNext, true);
  });

  it("to a request without a range is the whole content when it names none", () => {
    const asked: AskedRange = { start: 100, end: undefined, ifMatch: undefined, whole: true };
    const verdict = check(206, { "content-length": "1000", etag: TAG }, asked);
    assert.equal(verdict.kind === "content" && verdict.skip, 100);
  });

  const wrong: [string, Record<string, string>, AskedRange?, KnownContent?][] = [
    ["no Content-Range, and another length than was asked for", { "content-length": "899" }],
    ["no Content-Range and no length", {}],
    ["no Content-Range and chunks", { "transfer-encoding": "chunked" }],
    ["no Content-Range, a range asked for and no total known", { "content-length": "100" }, bounded, UNKNOWN],
    ["another unit", { "content-range": "lines 100-999/1000" }],
    ["a reversed range", { "content-range": "bytes 999-100/1000" }],
    ["an earlier start", { "content-range": "bytes 0-999/1000" }],
    ["a later start", { "content-range": "bytes 101-999/1000" }],
    ["an end beyond the total", { "content-range": "bytes 100-1000/1000" }],
    ["an end beyond what is known", { "content-range": "bytes 100-1000/*" }],
    ["an end beyond what was asked", { "content-range": "bytes 100-200/1000" }, bounded],
    ["no total and nothing known", { "content-range": "bytes 100-999/*" }, OPEN, { ...KNOWN, size: undefined }],
    ["a Content-Length of another range", { ...PART, "content-length": "899" }],
    ["a Content-Length that is no number", { ...PART, "content-length": "900x" }],
    ["two Content-Lengths that differ", { ...PART, "content-length": "900, 901" }],
    ["compressed content under a coding that is none", { ...PART, "content-encoding": "aws-chunked, gzip" }],
    ["compressed content", { ...PART, "content-encoding": "gzip" }],
    ["an unknown transfer encoding", { ...PART, "transfer-encoding": "gzip, chunked" }],
    ["several parts", { "content-type": "Multipart/Byteranges; boundary=x", "content-length": "900" }],
    ["numbers beyond reason", { "content-range": "bytes 100-99999999999999999999/1000" }],
  ];
  for (const [name, headers, asked, known] of wrong) {
    it(`is refused with ${name}`, () => {
      const verdict = check(206, headers, asked, known);
      assert.equal(verdict.kind === "error" && verdict.code, "bad-response");
    });
  }

  it("of another length is changed content", () => {
    assert.equal(check(206, { "content-range": "bytes 100-1000/1001" }).kind, "changed");
  });

  it("of another length than demanded is a size mismatch", () => {
    const verdict = check(206, { "content-range": "bytes 100-1000/1001" }, OPEN, { ...KNOWN, sizeDemanded: true });
    assert.equal(verdict.kind === "error" && verdict.code, "size-mismatch");
  });

  it("with another tag is changed content", () => {
    assert.equal(check(206, { ...PART, etag: '"def"' }).kind, "changed");
  });

  it("beyond the limit is too large", () => {
    const asked = { start: 0, end: undefined, ifMatch: undefined };
    const verdict = check(206, { "content-range": "bytes 0-2000/2001" }, asked, { ...KNOWN, size: undefined });
    assert.equal(verdict.kind === "error" && verdict.code, "too-large");
  });

  it("keeps a tag out of later requests that is not one", () => {
    const asked = { start: 0, end: undefined, ifMatch: undefined };
    const headers = { "content-range": "bytes 0-999/1000", etag: "no quotes" };
    const verdict = check(206, headers, asked, { ...KNOWN, etag: undefined });
    assert.equal(verdict.kind === "content" && verdict.etag, undefined);
  });
});

describe("a 200 response to a range", () => {
  it("is skipped up to the offset when the tag proves it the same", () => {
    const verdict = check(200, { "content-length": "1000", etag: TAG });
    assert.deepEqual(verdict, {
      kind: "content",
      size: 1000,
      etag: TAG,
      restart: false,
      skip: 100,
      length: 1000,
      reusable: false,
    });
  });

  for (const [name, etag] of [
    ["without a tag", undefined],
    ["with another tag", '"def"'],
    ["with a weak tag", 'W/"abc"'],
  ] as const) {
    it(`begins again ${name}`, () => {
      const headers = { "content-length": "1000", ...(etag === undefined ? {} : { etag }) };
      const verdict = check(200, headers, OPEN, { ...KNOWN, etag: etag?.startsWith("W/") ? etag : TAG });
      assert.equal(verdict.kind === "content" && verdict.restart && verdict.skip, 0);
    });
  }

  it("at the very start needs no proof", () => {
    const verdict = check(200, { "content-length": "1000" }, { start: 0, end: undefined, ifMatch: undefined });
    assert.equal(verdict.kind === "content" && verdict.restart, false);
  });

  for (const [name, headers, known, code] of [
    ["without any length", {}, { ...KNOWN, size: undefined }, "bad-response"],
    ["that is empty", { "content-length": "0" }, KNOWN, "bad-response"],
    ["that is too large", { "content-length": "2001" }, KNOWN, "too-large"],
    ["of another length than demanded", { "content-length": "999" }, { ...KNOWN, sizeDemanded: true }, "size-mismatch"],
    ["that is compressed", { "content-length": "1000", "content-encoding": "br" }, KNOWN, "bad-response"],
  ] as const) {
    it(`is refused ${name}`, () => {
      const verdict = check(200, headers, OPEN, known);
      assert.equal(verdict.kind === "error" && verdict.code, code);
    });
  }
});

describe("another response", () => {
  it("412 to If-Match is changed content", () => assert.equal(check(412, {}).kind, "changed"));

  it("412 without If-Match is a refusal", () => {
    assert.equal(check(412, {}, { ...OPEN, ifMatch: undefined }).kind, "refused");
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`${status} with a Location is a redirect`, () => {
      assert.deepEqual(check(status, { location: "/x" }), { kind: "redirect", location: "/x" });
    });
    it(`${status} without a Location is a refusal`, () => assert.equal(check(status, {}).kind, "refused"));
  }

  for (const status of [100, 101, 201, 204, 205, 300, 304, 600, Number.NaN]) {
    it(`${status} is a bad response`, () => {
      const verdict = check(status, {});
      assert.equal(verdict.kind === "error" && verdict.code, "bad-response");
    });
  }

  it("416 at the very end means that everything is there", () => {
    const asked = { start: 1000, end: undefined, ifMatch: TAG };
    assert.deepEqual(check(416, { "content-range": "bytes */1000" }, asked), { kind: "complete", size: 1000 });
  });

  it("416 for shorter content is changed content", () => {
    const known = { ...KNOWN, size: undefined };
    assert.equal(check(416, { "content-range": "bytes */99" }, OPEN, known).kind, "changed");
  });

  it("416 within the content is an error", () => {
    const verdict = check(416, { "content-range": "bytes */1000" });
    assert.equal(verdict.kind === "error" && verdict.code, "range-not-satisfiable");
  });

  it("416 at byte 0 is an error", () => {
    const asked = { start: 0, end: undefined, ifMatch: undefined };
    const verdict = check(416, { "content-range": "bytes */0" }, asked, { ...KNOWN, size: undefined });
    assert.equal(verdict.kind === "error" && verdict.code, "range-not-satisfiable");
  });

  it("416 without Content-Range is decided by ActualObjectSize", () => {
    assert.equal(check(416, {}).kind, "refused");
    const asked = { start: 1000, end: undefined, ifMatch: TAG };
    const body = "<Error><Code>InvalidRange</Code><ActualObjectSize>1000</ActualObjectSize></Error>";
    assert.deepEqual(checkRefusal(416, body, asked, KNOWN), { kind: "complete", size: 1000 });
  });

  it("416 without any length begins again, and fails at byte 0", () => {
    assert.equal(checkRefusal(416, "", OPEN, KNOWN).kind, "changed");
    const verdict = checkRefusal(416, "", { ...OPEN, start: 0 }, KNOWN);
    assert.equal(verdict.kind === "error" && verdict.code, "range-not-satisfiable");
  });
});

describe("the reason for a refusal", () => {
  const xml = (code: string, message = "") =>
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>`;
  const cases: [string, number, string, string][] = [
    ["an expired URL", 403, xml("AccessDenied", "Request has expired"), "url-expired"],
    ["an expired session token", 400, xml("ExpiredToken"), "url-expired"],
    ["a wrong signature", 403, xml("SignatureDoesNotMatch"), "access-denied"],
    ["denied access", 403, xml("AccessDenied", "Access Denied"), "access-denied"],
    ["403 without a body", 403, "", "access-denied"],
    ["a missing key", 404, xml("NoSuchKey"), "not-found"],
    ["404 without a body", 404, "", "not-found"],
    ["a stalled request", 400, xml("RequestTimeout"), "server-error"],
    ["an edited URL", 400, xml("AuthorizationQueryParametersError"), "request-refused"],
    ["a moved bucket", 301, xml("PermanentRedirect"), "redirect"],
    ["302 without anything", 302, "", "redirect"],
    ["412 out of the blue", 412, xml("PreconditionFailed"), "request-refused"],
    ["429", 429, "", "throttled"],
    ["500", 500, xml("InternalError"), "server-error"],
    ["502", 502, "<html>bad gateway</html>", "server-error"],
    ["503 to slow down", 503, xml("SlowDown", "Please reduce your request rate."), "throttled"],
    ["503 without a body", 503, "", "throttled"],
    ["405", 405, "", "request-refused"],
    ["a code like a property of every object", 404, xml("constructor"), "not-found"],
    ["a body cut within the code", 403, "<Error><Code>AccessDen", "access-denied"],
  ];
  for (const [name, status, body, code] of cases) {
    it(`is ${code} for ${name}`, () => {
      const verdict = checkRefusal(status, body, OPEN, KNOWN);
      assert.equal(verdict.kind === "error" && verdict.code, code);
    });
  }

  it("repeats nothing of what the server wrote but known names", () => {
    const verdict = checkRefusal(403, xml("X-Amz-Signature=secret", "secret"), OPEN, KNOWN);
    assert.doesNotMatch(JSON.stringify(verdict), /secret/);
  });
});

describe("Content-Range", () => {
  it("is read in any case of its unit", () => {
    assert.deepEqual(parseContentRange("Bytes 0-0/1"), { start: 0, end: 0, size: 1 });
  });
  for (const text of [
    undefined,
    "",
    "bytes",
    "bytes */10",
    "bytes 0-/10",
    "bytes -5/10",
    "bytes 0-9",
    "bytes 0-9/",
    "bytes 0-9/10 ",
  ]) {
    it(`${text} is not usable`, () => assert.equal(parseContentRange(text), undefined));
  }
});

describe("a part of the content under the status of the whole", () => {
  const kindOf = (headers: Record<string, string>, asked = OPEN, known = KNOWN) => {
    const verdict = check(200, headers, asked, known);
    return verdict.kind === "content"
      ? `content of ${verdict.length}, ${verdict.restart ? "anew" : "on"}`
      : verdict.kind;
  };

  it("is taken for the part when it begins where it was asked for and the lengths agree", () => {
    assert.equal(kindOf(PART), "content of 900, on");
    const first: AskedRange = { start: 0, end: 399, ifMatch: undefined };
    assert.equal(kindOf({ "content-range": "bytes 0-399/1000", "content-length": "400" }, first), "content of 400, on");
  });

  it("is nothing when it begins elsewhere, has another length, or belongs to other content", () => {
    const demanded = { ...KNOWN, sizeDemanded: true };
    for (const headers of [
      { ...PART, "content-range": "bytes 0-899/1000" },
      { ...PART, "content-length": "899" },
      { ...PART, "content-range": "bytes 100-999/*" },
    ])
      assert.equal(kindOf(headers, OPEN, demanded), "error", JSON.stringify(headers));
    assert.equal(kindOf({ ...PART, etag: '"other"' }), "changed");
  });

  it("is the whole when it is as long as that", () => {
    const whole = { "content-range": "bytes 0-999/1000", "content-length": "1000", etag: TAG };
    assert.equal(kindOf(whole, { ...OPEN, start: 0 }), "content of 1000, on");
    assert.equal(kindOf({ ...whole, etag: '"other"' }), "content of 1000, anew");
  });
});
