/** Encodings that stand in documents and messages. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeUtf8 as decodePortUtf8, encodeUtf8 as encodePortUtf8 } from "../../../host-sim/ports/utf8.js";
import { safeText } from "../../../modules/aws-fota/status-details.js";
import { checkStatusDetails } from "../../../modules/aws-jobs/status-details.js";
import { bytesFromBase64 } from "../../../modules/foundation/base64.js";
import { bytesFromHex, hexFromBytes } from "../../../modules/foundation/hex.js";
import { decodeUtf8, encodeUtf8, utf8Length } from "../../../modules/mqtt-session/utf8.js";
import { bytesTarget, textTarget } from "../../support/fuzz/fuzz-target.js";
import { outcomeOf } from "../../support/fuzz/invariants.js";
import { mutatedBytes, mutatedText } from "../../support/fuzz/mutations.js";

const someBytes = fc.uint8Array({ maxLength: 80 });
const base64Texts = fc.tuple(someBytes, fc.boolean()).map(([bytes, padded]) =>
  Buffer.from(bytes)
    .toString("base64")
    .replace(/=+$/, padded ? "$&" : ""),
);

export const base64 = textTarget({
  name: "base64",
  reads: "digests and signatures in job documents",
  reaches: ["bytes", "refused"],
  data: mutatedText(base64Texts, { tokens: ["=", "==", "===", "-", "_", "A"], most: 2 }),
  check: (text) => {
    const bytes = bytesFromBase64(text);
    if (bytes === undefined) {
      const canonical = Buffer.from(text, "base64").toString("base64");
      assert.ok(text !== canonical && text !== canonical.replace(/=+$/, ""), "what is canonical is read");
      return "refused";
    }
    const canonical = Buffer.from(bytes).toString("base64");
    assert.ok(text === canonical || text === canonical.replace(/=+$/, ""), "only what is canonical is read");
    return "bytes";
  },
});

export const hex = textTarget({
  name: "hex",
  reads: "digests in job documents",
  reaches: ["bytes", "refused"],
  data: mutatedText(
    someBytes.map((bytes) => Buffer.from(bytes).toString("hex")),
    { tokens: ["0x", "g", "F"], most: 2 },
  ),
  check: (text) => {
    const bytes = bytesFromHex(text);
    assert.equal(bytes !== undefined, /^(?:[0-9a-fA-F]{2})*$/.test(text));
    if (bytes === undefined) return "refused";
    assert.equal(hexFromBytes(bytes), text.toLowerCase());
    return "bytes";
  },
});

const unicode = fc.string({ unit: "binary", maxLength: 40 }).map((text) => new Uint8Array(Buffer.from(text)));

export const utf8 = bytesTarget({
  name: "utf8",
  reads: "payloads and topics, from the broker",
  reaches: ["text", "refused"],
  data: mutatedBytes(unicode, { donor: fc.uint8Array({ maxLength: 20 }) }),
  check: (bytes) => {
    const expected = outcomeOf(
      () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      (error) => (error instanceof TypeError ? "refused" : undefined),
    );
    const port = outcomeOf(
      () => decodePortUtf8(bytes),
      (error) => (error instanceof TypeError ? "refused" : undefined),
    );
    const text = decodeUtf8(bytes);
    if (expected.kind === "error") {
      assert.equal(text, undefined);
      assert.equal(port.kind, "error");
      return "refused";
    }
    assert.equal(text, expected.value);
    assert.equal(port.kind === "value" ? port.value : undefined, expected.value);
    assert.equal(utf8Length(expected.value), bytes.length);
    assert.deepEqual(encodeUtf8(expected.value), bytes);
    assert.deepEqual(encodePortUtf8(expected.value), bytes);
    return "text";
  },
});

const errorTexts = fc.constantFrom(
  "cannot open https://u:secret@host.example/secret/image.bin?X-Amz-Signature=secret&X-Amz-Date=20260101T000000Z now",
  "at /secret?X-Amz-Credential=secret/20260101 of host",
  "-----BEGIN RSA PRIVATE KEY-----\nsecret\n-----END",
  "plain text, \u00e4\u0000\r\n and more",
);

export const statusText = textTarget({
  name: "status-text",
  reads: "texts of errors, some of which a server or an application words, before they reach traces and statusDetails",
  reaches: ["text", "nothing left"],
  data: mutatedText(errorTexts, { tokens: ["https://h/", "HTTP://", "X-Amz-", "?X-Amz-Signature=", "-----BEGIN"] }),
  check: (text) => {
    const safe = safeText(text);
    assert.match(safe, /^[\x20-\x7e]{1,128}$/);
    assert.doesNotMatch(safe, /X-Amz-[A-Za-z]+=/i);
    checkStatusDetails({ detail: safe });
    return safe === "-" ? "nothing left" : "text";
  },
});
