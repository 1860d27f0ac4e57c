import assert from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../../../host-sim/board/random.js";
import { actualObjectSize, classifyError } from "../../../modules/fota-download/error-body.js";
import { FOTA_DOWNLOAD_RETRY } from "../../../modules/fota-download/errors.js";
import { type AskedRange, planRange } from "../../../modules/fota-download/range-plan.js";
import {
  CHECKED_HEADERS,
  checkRefusal,
  checkResponse,
  type KnownContent,
  parseContentRange,
  type ResponseVerdict,
} from "../../../modules/fota-download/response-check.js";
import { retryAfter } from "../../../modules/fota-download/retry-plan.js";
import { HttpGrammarError, ResponseReader } from "../../../modules/http-client/index.js";
import { bytesTarget, textTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, cutBytes } from "../../support/fuzz/invariants.js";
import { mutatedBytes, mutatedText } from "../../support/fuzz/mutations.js";

const ETAG = '"9b2cf535"';
const HEADS: readonly string[] = [
  `HTTP/1.1 206 Partial Content\r\nETag: ${ETAG}\r\nContent-Range: bytes 0-9999/10000\r\nContent-Length: 10000\r\n\r\n`,
  `HTTP/1.1 206 Partial Content\r\nETag: ${ETAG}\r\nContent-Range: bytes 4096-9999/10000\r\nContent-Length: 5904\r\n\r\n`,
  `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-8191/*\r\nTransfer-Encoding: chunked\r\n\r\n`,
  `HTTP/1.1 200 OK\r\nETag: ${ETAG}\r\nContent-Length: 10000\r\nConnection: close\r\n\r\n`,
  "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10000\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://other.example/secret\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 503 Slow Down\r\nRetry-After: Wed, 31 Dec 2025 23:59:59 GMT\r\nDate: Wed, 31 Dec 2025 23:59:00 GMT\r\n\r\n",
  "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n",
];
const TOKENS = [
  ...["\r\n", "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n", "bytes ", "*", "/"],
  ...["Content-Range: bytes 0-0/1\r\n", 'ETag: W/"x"\r\n', "chunked, chunked", " chunked", "0x10", "1_000", "\v"],
];

/** What was asked for and is known, as the downloader comes to it. */
function situation(salt: number): { readonly asked: AskedRange; readonly known: KnownContent } {
  const random = seededRandom(salt);
  const pick = <Value>(...values: readonly Value[]): Value => {
    const [first, ...others] = values;
    return others[Math.floor(random() * values.length) - 1] ?? (first as Value);
  };
  const offset = pick(0, 0, 4096, 9999, 10_000);
  const size = offset > 0 ? pick(10_000, 10_000, 20_000, undefined) : pick(undefined, undefined, 10_000, 5);
  const etag = offset > 0 ? pick(ETAG, ETAG, undefined, 'W/"9b2cf535"') : undefined;
  const known = { size, sizeDemanded: size !== undefined && random() < 0.5, etag, maxSize: pick(1_000_000, 9_000) };
  return { asked: planRange({ offset, size, rangeLength: pick(undefined, undefined, 4096, 1), etag }), known };
}

function assertVerdict(verdict: ResponseVerdict, status: number, asked: AskedRange, known: KnownContent): void {
  switch (verdict.kind) {
    case "content": {
      const { size, restart, skip, length } = verdict;
      assert.ok(status === 200 || status === 206, `content with status ${status}`);
      assert.ok(Number.isSafeInteger(size) && size > 0 && size <= known.maxSize, `size ${size}`);
      if (known.sizeDemanded) assert.equal(size, known.size, "the size that is demanded");
      // The bytes begin where the next one is missing, or all is begun again, and they end within the content.
      const first = restart ? 0 : asked.start - skip;
      if (restart) assert.equal(status, 200);
      else assert.equal(first + skip, asked.start);
      assert.ok(first >= 0 && skip <= length && first + length <= size, `${length} bytes at ${first} of ${size}`);
      if (status === 206 && asked.end !== undefined)
        assert.ok(asked.start + length - 1 <= asked.end, "not more than asked");
      if (verdict.reusable) assert.ok(first + length < size, "more has to follow");
      break;
    }
    case "complete":
      assert.equal(verdict.size, asked.start);
      break;
    case "redirect":
      assert.ok(verdict.location.length <= 4096);
      break;
    case "error":
      assert.ok(Object.hasOwn(FOTA_DOWNLOAD_RETRY, verdict.code), verdict.code);
      assertSafeMessage(verdict.detail, 120);
      break;
    case "changed":
      assert.ok(asked.start > 0, "nothing was there that could change");
      assertSafeMessage(verdict.detail, 120);
      break;
    case "refused":
      assert.ok(status >= 300, `status ${status} is no refusal`);
  }
}

function headOf(text: string): ResponseReader | undefined {
  const reader = new ResponseReader(CHECKED_HEADERS);
  try {
    for (let at = 0; at < text.length; at += 1) if (reader.take(text.charCodeAt(at) & 0xff)) return reader;
  } catch (error) {
    if (!(error instanceof HttpGrammarError)) throw error;
    assertSafeMessage(error.message, 60);
  }
  return undefined;
}

export const httpResponse = textTarget({
  name: "http-response",
  reads: "heads of HTTP answers, from the image's server or one in between",
  reaches: ["content", "changed", "complete", "redirect", "refused", "error"],
  data: mutatedText(fc.constantFrom(...HEADS), { tokens: TOKENS }),
  check: (text, salt) => {
    const head = headOf(text);
    if (head === undefined) return "no head";
    const wait = retryAfter(head.headers.get("retry-after"), head.headers.get("date"), Date.UTC(2026, 0, 1));
    assert.ok(wait === undefined || wait >= 0, `Retry-After of ${wait} ms`);
    const { asked, known } = situation(salt);
    const verdict = checkResponse(head.status, head.headers, asked, known);
    assertVerdict(verdict, head.status, asked, known);
    return verdict.kind;
  },
});

const BODIES: readonly string[] = [
  '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message><Secret>x</Secret></Error>',
  "<Error><Code>InvalidRange</Code><Message>m</Message><ActualObjectSize>10000</ActualObjectSize></Error>",
  "<Error><Code>NoSuchKey</Code><Key>secret</Key></Error>",
  "<Error><Code>SlowDown</Code></Error>",
  "<html>secret</html>",
];

export const errorBody = textTarget({
  name: "http-error-body",
  reads: "bodies of refusals, from S3 or something that is no S3",
  reaches: ["url-expired", "not-found", "changed", "complete", "range-not-satisfiable", "throttled"],
  data: mutatedText(fc.constantFrom(...BODIES), {
    tokens: ["<Code>", "</Code>", "<Code>constructor<", "<ActualObjectSize>", "<", "__proto__"],
  }),
  check: (text, salt) => {
    const { asked, known } = situation(salt);
    const status = [400, 403, 404, 416, 416, 416, 429, 500, 503, 301][salt % 10] ?? 400;
    const { code, detail } = classifyError(status, text);
    assert.ok(Object.hasOwn(FOTA_DOWNLOAD_RETRY, code), `unknown code ${code}`);
    assertSafeMessage(detail, 80);
    const size = actualObjectSize(text);
    assert.ok(size === undefined || (Number.isSafeInteger(size) && size >= 0));
    const verdict = checkRefusal(status, text, asked, known);
    assertVerdict(verdict, status, asked, known);
    return verdict.kind === "error" ? verdict.code : verdict.kind;
  },
});

export const contentRange = textTarget({
  name: "content-range",
  reads: "Content-Range of an answer",
  reaches: ["range", "refused"],
  data: mutatedText(fc.constantFrom("bytes 0-9/10", "bytes 4096-8191/*", "BYTES 5-5/6"), {
    tokens: ["bytes ", "-", "/", "*", "999999999999999", "1000000000000000"],
    most: 2,
  }),
  check: (text) => {
    const range = parseContentRange(text);
    if (range === undefined) return "refused";
    const { start, end, size } = range;
    assert.ok(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start <= end);
    assert.ok(size === undefined || Number.isSafeInteger(size));
    return "range";
  },
});

const STREAMS: readonly string[] = [
  `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${HEADS[3]}0123456789`,
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0a\r\n0123456789\r\n0\r\nX-Sum: 1\r\n y\r\n\r\n",
  'HTTP/1.0 206\nContent-Range: bytes\n 0-4/5\nETag: "x"\nContent-Length: 5, 5\n\nhello',
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 404 Not Found\r\nConnection: x, close\r\nContent-Length: 0\r\n\r\n",
];

const FRAMING = ["connection", "content-length", "transfer-encoding"];

/** Everything that a reader says of a stream that comes in these pieces; bodies are taken as far as they are there. */
function readStream(pieces: readonly Uint8Array[]): string {
  const reader = new ResponseReader(CHECKED_HEADERS);
  const said: string[] = [];
  let body = 0;
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        if (reader.state === "end") {
          said.push(`end after ${body}, ${reader.persistent}`);
          reader.begin();
          body = 0;
        }
        if (reader.state === "body") {
          const count = Math.min(reader.bodyLeft, piece.length - at);
          reader.bodyTaken(count);
          body += count;
          at += count;
          continue;
        }
        if (!reader.take(piece[at++] ?? 0)) continue;
        assert.ok(reader.status >= 200 && reader.status <= 999, `status ${reader.status}`);
        for (const [name, value] of reader.headers) {
          assert.ok([...CHECKED_HEADERS, ...FRAMING].includes(name), `${name} was not asked for`);
          assert.ok(!/[\r\n]/.test(value), "a line end within a value");
        }
        said.push(`${reader.status} ${JSON.stringify([...reader.headers])}`);
      }
    }
  } catch (error) {
    if (!(error instanceof HttpGrammarError)) throw error;
    assertSafeMessage(error.message, 60);
    return [...said, `body ${body}`, error.message].join("\n");
  }
  return [...said, `body ${body}`, `then ${reader.state}`].join("\n");
}

export const httpReader = bytesTarget({
  name: "http-reader",
  reads: "answers of HTTP/1.1 one behind the other, cut anyhow",
  reaches: ["end", "body", "fields", "no status line", "no length of a chunk"],
  data: mutatedBytes(fc.constantFrom(...STREAMS.map((text) => new Uint8Array(Buffer.from(text, "latin1"))))),
  check: (bytes, salt) => {
    const whole = readStream([bytes]);
    assert.equal(readStream(cutBytes(bytes, salt)), whole, "it does not matter how the bytes are cut");
    const last = whole.slice(whole.lastIndexOf("\n") + 1);
    return last.replace("then ", "");
  },
});
