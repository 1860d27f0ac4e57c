import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DISPOSITIONS } from "../../modules/aws-fota/errors.js";
import { parseJobDocument } from "../../modules/aws-fota/job-document.js";
import { type DevicePolicy, judgeDocument } from "../../modules/aws-fota/policy.js";
import { trustFrom } from "../../modules/aws-fota/signing-keys.js";
import { parseAllowedHosts } from "../../modules/fota-download/index.js";
import { SIGNATURE, SIGNING_KEY } from "./support/documents.js";

const PAGE = readFileSync(new URL("../../docs/from-nordic.md", import.meta.url), "utf8");
/** Of the default partition table. */
const SLOT_BYTES = 0x1f0000;

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 7386. */
function patched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = patched(result[name], value);
  }
  return result;
}

/** The firmware of the page: 1.0.1, one key, no other option. */
const POLICY: DevicePolicy = {
  runningVersion: "1.0.1",
  project: "blink",
  limit: SLOT_BYTES,
  allowHttp: false,
  allowedHosts: parseAllowedHosts(undefined),
  allowSameVersion: false,
  allowDowngrade: false,
  allowForcedDowngrade: false,
  trust: trustFrom([SIGNING_KEY], false),
  maxImageAgeDays: undefined,
  now: Date.UTC(2026, 0, 1),
  quarantined: [],
};

/** In the words of the page. */
function endOf(document: unknown): string {
  const outcome = parseJobDocument(document, 1);
  if (outcome.kind === "foreign") return "left to the application (`onOtherJob`)";
  const error = outcome.kind === "invalid" ? outcome.error : judgeDocument(outcome.update, POLICY);
  return error === undefined ? "taken" : `${DISPOSITIONS[error.code].status} \`${error.code}\``;
}

describe("docs/from-nordic.md", () => {
  const printed = /```json\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? "";
  const base: unknown = JSON.parse(printed.replace("SIGNATURE", SIGNATURE));
  const rows = [...PAGE.matchAll(/^\| `(\{.*\})` \| .*? \| (.*?) \| .*\|$/gm)];

  it("has a document of each shape", () => assert.ok(rows.length >= 20, `${rows.length} rows`));

  for (const [, patch = "", end = ""] of rows)
    it(`says what becomes of the document with ${patch}: ${end}`, () => {
      assert.equal(endOf(patched(base, JSON.parse(patch))), end);
    });

  for (const [what, patch, code] of [
    ["a version of 65 characters", { fwversion: `1.${"0".repeat(63)}` }, "document-invalid"],
    ["a host of 261 characters", { location: { host: "h".repeat(261) } }, "document-invalid"],
    ["a path of 4097 characters", { location: { path: "p".repeat(4097) } }, "url-too-long"],
  ] as const)
    it(`names the limit that refuses ${what}`, () => {
      assert.equal(endOf(patched(base, patch)), `REJECTED \`${code}\``);
    });
});
