import assert from "node:assert/strict";
import fc from "fast-check";
import { DISPOSITIONS, type FotaError } from "../../../modules/aws-fota/errors.js";
import { parseJobDocument } from "../../../modules/aws-fota/job-document.js";
import { type DevicePolicy, judgeDocument, judgeHeaders, judgeImageInfo } from "../../../modules/aws-fota/policy.js";
import { failureDetails } from "../../../modules/aws-fota/status-details.js";
import type { UpdateDocument } from "../../../modules/aws-fota/update-document.js";
import { checkStatusDetails } from "../../../modules/aws-jobs/status-details.js";
import { parseUrl } from "../../../modules/fota-download/url.js";
import { parseJson } from "../../../modules/foundation/json.js";
import { textTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, withShallowJson } from "../../support/fuzz/invariants.js";
import { mutatedJson } from "../../support/fuzz/json.js";

const SIGNATURE = Buffer.concat([
  Buffer.from("30440220", "hex"),
  Buffer.alloc(32, 0x11),
  Buffer.from("0220", "hex"),
  Buffer.alloc(32, 0x22),
]).toString("base64");
const URL = "https://b.s3.eu-west-1.amazonaws.com/app.bin?X-Amz-Date=20260101T000000Z&X-Amz-Signature=secret";
const DIGEST = "ab".repeat(32);

const nordic = {
  operation: "app_fw_update",
  fwversion: "v1.0.2",
  size: 181_124,
  location: { protocol: "https:", host: "b.s3.amazonaws.com:443", path: "a.bin?X-Amz-Signature=secret b.bin" },
  sha256: DIGEST,
  "sig-sha256-ecdsa": SIGNATURE,
  project: "app",
  force: false,
};
const VALID: readonly unknown[] = [
  nordic,
  { ...nordic, location: { url: URL } },
  {
    ...nordic,
    location: { url: URL },
    patches: [
      { base: { sha256: DIGEST, size: 180_000, fwversion: "1.0.1" }, size: 900, location: { url: URL } },
      { size: 90_000, location: { protocol: "https", host: "h", path: "p.patch" } },
    ],
  },
  { operation: "app_fw_update", fwversion: "1.0.3", location: { protocol: "http", host: "h", path: "p" } },
  {
    afr_ota: {
      protocols: ["HTTP"],
      streamname: "s",
      files: [
        {
          filepath: "f",
          filesize: 9_000,
          fileid: 0,
          certfile: "c",
          fileType: 0,
          update_data_url: URL,
          auth_scheme: "aws.s3.presigned",
          "sig-sha256-ecdsa": SIGNATURE,
        },
      ],
    },
    force: true,
  },
  {
    presign: URL,
    codesign: { signatureAlgorithm: "SHA256withECDSA", signature: SIGNATURE, rawPayloadSize: 10 },
    fwversion: "2.0",
    sha256: Buffer.alloc(32, 7).toString("base64"),
  },
  { operation: "reboot" },
];
const KEYS = [
  ...["operation", "fwversion", "size", "location", "protocol", "host", "path", "url", "sha256", "sig-sha256-ecdsa"],
  ...["sig-sha256-rsa", "project", "force", "afr_ota", "protocols", "files", "filesize", "update_data_url", "fileType"],
  ...["filetype", "auth_scheme", "presign", "codesign", "signatureAlgorithm", "signature", "rawPayloadSize"],
  ...["patches", "base"],
];

const policy = (salt: number): DevicePolicy => ({
  runningVersion: (salt & 1) === 0 ? "1.0.2" : "not-a-version",
  project: (salt & 2) === 0 ? undefined : "app",
  limit: 1_048_576,
  allowHttp: (salt & 4) === 0,
  allowSameVersion: (salt & 8) === 0,
  allowDowngrade: (salt & 16) === 0,
  allowForcedDowngrade: (salt & 64) === 0,
  allowedHosts: (salt & 256) === 0 ? undefined : ["bucket.s3.eu-west-1.amazonaws.com"],
  maxImageAgeDays: (salt & 512) === 0 ? undefined : 30,
  now: 1_767_225_600_000,
  trust: {
    keys: (salt & 32) === 0 ? [{ id: "key-1", point: new Uint8Array(65).fill(4, 0, 1) }] : [],
    allowUnsigned: (salt & 128) === 0,
  },
  quarantined: [{ digest: DIGEST, size: 181_124 }],
});

function assertReportable(error: FotaError): void {
  assert.ok(Object.hasOwn(DISPOSITIONS, error.code), `unknown code ${error.code}`);
  // The whole path of a URL is a secret; what is left of a hostile host name is bounded.
  // A version is shown as the document has it; whatever else stands in it is cut off where it is reported.
  if (/version|downgrade/.test(error.code)) assert.ok(error.message.length < 300);
  else assertSafeMessage(error.message, 600);
  checkStatusDetails(failureDetails(error.code, error.detail, { from: "1.0.2" }));
}

function assertUpdate(update: UpdateDocument): void {
  const { url, version, size, digest, signature, project } = update;
  assert.ok(url.length <= 4096 + 300, "the URL is bounded");
  const parsed = parseUrl(url);
  assert.ok(parsed.scheme === "http" || parsed.scheme === "https");
  for (const text of [version, project])
    assert.ok(text === undefined || /^[^\p{Cc}]{1,64}$/u.test(text), `version or project ${JSON.stringify(text)}`);
  assert.ok(size === undefined || (Number.isInteger(size) && size >= 1 && size <= 0xffffffff), `size ${size}`);
  assert.ok(digest === undefined || /^[0-9a-f]{64}$/.test(digest), "digest");
  assert.ok(signature === undefined || signature.length === 64, "signature");
  assert.equal(typeof update.force, "boolean");
  assert.ok(
    update.patches.length <= 8 && (update.patches.length === 0 || (size !== undefined && digest !== undefined)),
  );
  for (const patch of update.patches) {
    parseUrl(patch.url);
    for (const length of [patch.size, patch.base?.size ?? 1])
      assert.ok(Number.isInteger(length) && length >= 1 && length <= 0xffffffff, `${length}`);
    assert.match(patch.base?.digest ?? DIGEST, /^[0-9a-f]{64}$/);
  }
}

export const jobDocument = textTarget({
  name: "job-document",
  reads: "job documents of all dialects, from AWS IoT Jobs or whoever may create jobs",
  reaches: ["nordic", "afr-ota", "code-signed", "foreign", "document-invalid", "signature-invalid", "url-too-long"],
  data: mutatedJson(fc.constantFrom(...VALID), KEYS),
  check: (text, salt) => {
    const document = withShallowJson(() => parseJson(text));
    if (document === undefined) return "no JSON";
    const slot = salt % 3 === 0 ? undefined : salt % 2;
    const outcome = parseJobDocument(document.value, slot);
    assert.deepEqual(parseJobDocument(document.value, slot), outcome, "the same text, the same verdict");
    if (outcome.kind === "foreign") return "foreign";
    if (outcome.kind === "invalid") {
      assertReportable(outcome.error);
      assert.ok(outcome.error.detail !== "cannot be read", "an exception was caught that no rule knows");
      return outcome.error.code;
    }
    const { update } = outcome;
    assertUpdate(update);
    const rules = policy(salt);
    const verdicts = [
      judgeDocument(update, rules),
      judgeHeaders({ size: salt, etag: '"e"' }, update, rules),
      judgeImageInfo(
        { version: update.version ?? text.slice(0, 32), project: "app", date: text.slice(0, 15), time: "" },
        update,
        rules,
      ),
    ];
    for (const verdict of verdicts) if (verdict !== undefined) assertReportable(verdict);
    return update.dialect;
  },
});
