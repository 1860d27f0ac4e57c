import assert from "node:assert/strict";
import fc from "fast-check";
import { type CloudRequest, splitTarget } from "../../../../host-sim/cloud/message/message.js";
import { decodeAwsChunked } from "../../../../host-sim/cloud/sigv4/aws-chunked.js";
import type { KnownCredentials } from "../../../../host-sim/cloud/sigv4/credentials.js";
import { presignUrl, signHeaders } from "../../../../host-sim/cloud/sigv4/sign.js";
import {
  canonicalPath,
  EMPTY_SHA256,
  sha256Hex,
  signingKey,
  signText,
} from "../../../../host-sim/cloud/sigv4/signature.js";
import { SignatureError } from "../../../../host-sim/cloud/sigv4/signature-error.js";
import { signedService, type Verified, verifySignature } from "../../../../host-sim/cloud/sigv4/verify.js";
import { bytesTarget, textTarget } from "../../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../../support/fuzz/invariants.js";
import { mutatedBytes, mutatedText } from "../../../support/fuzz/mutations.js";

const NOW = Date.parse("2026-01-01T10:00:00Z");
const REGION = "us-east-1";
const HOST = "b.s3.localhost:8443";
const PAIR: KnownCredentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
const SESSION: KnownCredentials = {
  accessKeyId: "ASIATEST",
  secretAccessKey: "secret2",
  sessionToken: "token+/=",
  endsAt: NOW + 3_600_000,
};
const KNOWN = new Map([PAIR, SESSION].map((pair) => [pair.accessKeyId, pair]));
const VERIFIER = { find: (id: string) => KNOWN.get(id), now: NOW, region: REGION };

/** A request as text: request line, headers, an empty line, body. All of it Latin-1, as on the wire. */
function write(method: string, target: string, headers: Readonly<Record<string, string>>, body = ""): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return `${method} ${target}\n${lines.join("")}\n${body}`;
}

function read(text: string): CloudRequest {
  const end = text.indexOf("\n\n");
  const [first = "", ...lines] = (end < 0 ? text : text.slice(0, end)).split("\n");
  const space = first.indexOf(" ");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = end < 0 ? "" : text.slice(end + 2);
  const { path, query } = splitTarget(first.slice(space + 1));
  return { method: first.slice(0, space), path, query, headers, body: new Uint8Array(Buffer.from(body, "latin1")) };
}

function signed(method: string, target: string, credentials: KnownCredentials, service: string, body = ""): string {
  const request = { method, host: HOST, target, body: Buffer.from(body), headers: { "x-amz-meta-a": "1  2" } };
  return write(method, target, signHeaders(request, { credentials, region: REGION, service, now: NOW }), body);
}

function presigned(target: string, credentials: KnownCredentials): string {
  const context = { credentials, region: REGION, service: "s3", now: NOW, expiresInSec: 3600 };
  const url = presignUrl(`https://${HOST}${target}`, context);
  return write("GET", url.slice(`https://${HOST}`.length), { host: HOST });
}

const SIGNED: readonly string[] = [
  signed("PUT", "/images/a%20b.bin?x-id=PutObject", PAIR, "s3", "body of the object"),
  signed("GET", "/things/pump?maxResults=5&nextToken=%2B", SESSION, "iot"),
  signed("POST", "/", PAIR, "iot-jobs-data", "{}"),
  presigned("/images/app.bin?versionId=1", PAIR),
  presigned("/images/app.bin", SESSION),
];
/** What a signature was made over, of each request that was really signed. */
const meaningOf = ({ method, path, query, body }: CloudRequest, service: string): string =>
  JSON.stringify([
    method,
    canonicalPath(path, service),
    new URLSearchParams(query).toString(),
    Buffer.from(body).toString("hex"),
  ]);
const MEANINGS = new Set(
  SIGNED.flatMap((text) => {
    const request = read(text);
    const service = signedService(request);
    return service === undefined ? [] : [meaningOf(request, service)];
  }),
);

const latin1 = (text: string): string => text.replaceAll(/[^\0-\u00ff]/g, "?");

export const sigv4 = textTarget({
  name: "sigv4",
  reads: "signed requests to the local AWS, by header and by query",
  reaches: ["verified", "missing", "malformed", "mismatch", "unknown-key", "wrong-body"],
  data: mutatedText(fc.constantFrom(...SIGNED), {
    tokens: [
      "X-Amz-",
      "&",
      "%2F",
      "SignedHeaders=",
      "Credential=",
      ", ",
      "authorization: ",
      "x-amz-date: 20260101T000000Z\n",
    ],
    most: 2,
  }).map(latin1),
  check: (text) => {
    const request = read(text);
    assert.notEqual(signedService(request), "", "a service has a name");
    const outcome = outcomeOf(
      () => verifySignature(request, VERIFIER),
      (error) => (error instanceof SignatureError ? error.problem : undefined),
    );
    if (outcome.kind === "error") return outcome.code;
    const { presigned: byUrl, scope, payload } = outcome.value;
    // Whoever changed anything of it has no signature for that; a presigned URL says nothing of the body.
    const covered = byUrl && payload === "UNSIGNED-PAYLOAD" ? { ...request, body: new Uint8Array(0) } : request;
    const query = covered.query;
    assert.ok(MEANINGS.has(meaningOf({ ...covered, query }, scope.service)), "verified, but nobody signed this");
    return "verified";
  },
});

const SCOPE = { date: "20260101", region: REGION, service: "s3" };
const AMZ_DATE = "20260101T100000Z";
const VERIFIED: Verified = {
  credentials: PAIR,
  scope: SCOPE,
  amzDate: AMZ_DATE,
  signature: "0".repeat(64),
  presigned: false,
  payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
};

/** A body in chunks, each with its signature, and a signed trailer. */
function chunkedBody(sizes: readonly number[], isSigned: boolean): Uint8Array {
  const key = signingKey(PAIR.secretAccessKey, SCOPE);
  const scope = `${SCOPE.date}/${SCOPE.region}/${SCOPE.service}/aws4_request`;
  let previous = VERIFIED.signature;
  const step = (algorithm: string, ...hashes: readonly string[]): string => {
    previous = signText(key, [algorithm, AMZ_DATE, scope, previous, ...hashes].join("\n"));
    return previous;
  };
  const parts: Buffer[] = [];
  for (const size of [...sizes, 0]) {
    const data = Buffer.alloc(size, "d");
    const extension = isSigned
      ? `;chunk-signature=${step("AWS4-HMAC-SHA256-PAYLOAD", EMPTY_SHA256, sha256Hex(data))}`
      : "";
    parts.push(Buffer.from(`${size.toString(16)}${extension}\r\n`), data, Buffer.from(size === 0 ? "" : "\r\n"));
  }
  const trailer = "x-amz-checksum-crc32:AAAAAA==\n";
  parts.push(Buffer.from(trailer.replace("\n", "\r\n")));
  if (isSigned) {
    parts.push(Buffer.from(`x-amz-trailer-signature:${step("AWS4-HMAC-SHA256-TRAILER", sha256Hex(trailer))}\r\n`));
  }
  return new Uint8Array(Buffer.concat([...parts, Buffer.from("\r\n")]));
}

const sizes = fc.array(fc.constantFrom(1, 10, 200), { maxLength: 3 });

export const awsChunked = bytesTarget({
  name: "aws-chunked",
  reads: "uploads to the local S3 in signed chunks",
  reaches: ["body", "malformed", "mismatch"],
  data: mutatedBytes(
    fc.tuple(sizes, fc.boolean()).map(([list, isSigned]) => chunkedBody(list, isSigned)),
    { most: 2 },
  ),
  check: (bytes, salt) => {
    const isSigned = salt % 2 === 0;
    const payload = isSigned ? VERIFIED.payload : "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    const outcome = outcomeOf(
      () => decodeAwsChunked(bytes, { ...VERIFIED, payload }),
      (error) => (error instanceof SignatureError ? error.problem : undefined),
    );
    if (outcome.kind === "error") {
      assert.ok(outcome.code === "malformed" || outcome.code === "mismatch", outcome.code);
      return outcome.code;
    }
    const { body } = outcome.value;
    assert.ok(body.length <= bytes.length, "a body is not longer than what was sent");
    // What is signed cannot be changed, only cut in other places by whoever holds the key.
    if (isSigned)
      assert.ok(
        body.every((byte) => byte === 0x64),
        "signed, but nobody sent this",
      );
    return "body";
  },
});
