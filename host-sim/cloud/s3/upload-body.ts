import { createHash } from "node:crypto";
import { CHECKSUM_NAMES, checksumOf } from "./checksums.js";
import { S3Error } from "./errors.js";
import type { S3Call } from "./service.js";

const STORED_HEADERS = Object.freeze([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
]);
const MAX_KEY_BYTES = 1024; // S3

/** Errors: `KeyTooLongError`; `InvalidArgument` for NUL, which the local store has no room for. */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error("KeyTooLongError", "Your key is too long");
  if (key.includes("\u0000")) throw new S3Error("InvalidArgument", "The local cloud keeps no key that holds NUL");
}

/** Headers of an upload that later GETs echo. `aws-chunked` is a transfer matter and is not kept. */
export function storedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const [name, value] of Object.entries(headers)) {
    if (STORED_HEADERS.includes(name) || name.startsWith("x-amz-meta-")) kept[name] = value;
  }
  const encodings = (kept["content-encoding"] ?? "").split(",").map((text) => text.trim());
  const encoding = encodings.filter((text) => text !== "" && text !== "aws-chunked").join(",");
  if (encoding === "") delete kept["content-encoding"];
  else kept["content-encoding"] = encoding;
  return kept;
}

/**
 * MD5 and checksums of an uploaded body, checked against what its headers or trailers announce.
 * Errors: `BadDigest`, and `InvalidRequest` when the body is shorter than announced.
 */
export function checkedBody({ body, headers }: S3Call): { md5: string; checksums: Record<string, string> } {
  const announced = headers["x-amz-decoded-content-length"];
  if (announced !== undefined && Number(announced) !== body.length) {
    throw new S3Error("InvalidRequest", "The body has another length than x-amz-decoded-content-length says.");
  }
  const md5 = createHash("md5").update(body).digest();
  const wanted = headers["content-md5"];
  if (wanted !== undefined && wanted !== md5.toString("base64")) {
    throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  const checksums: Record<string, string> = {};
  for (const name of CHECKSUM_NAMES) {
    const given = headers[`x-amz-checksum-${name}`];
    if (given === undefined) continue;
    const computed = checksumOf(name, [body]);
    if (computed !== given) {
      throw new S3Error("BadDigest", `The ${name.toUpperCase()} you specified did not match the calculated checksum.`);
    }
    checksums[name] = computed;
  }
  return { md5: md5.toString("hex"), checksums };
}

export function checksumHeaders(checksums: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]));
}
