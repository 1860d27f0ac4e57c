import assert from "node:assert/strict";
import {
  type DevicePolicy,
  judgeDocument,
  judgeHeaders,
  judgeImageInfo,
  judgeInstalledImage,
} from "../../modules/aws-fota/policy.js";
import { afterEnd, isQuarantined, MAX_QUARANTINED } from "../../modules/aws-fota/quarantine.js";
import type { UpdateDocument } from "../../modules/aws-fota/update-document.js";
import { normalizeVersion } from "../../modules/aws-fota/version.js";

const KEY = { id: "key-1", point: new Uint8Array(65) };
const signed = { trust: { keys: [KEY], allowUnsigned: false } };
const signature = new Uint8Array(64);
const BUILD = { date: "Dec  2 2025", time: "10:00:00" };
const BAD = { digest: "ab".repeat(32), size: 100, etag: '"bad"' };

const policy: DevicePolicy = {
  runningVersion: "1.0.1",
  project: "blink",
  limit: 1000,
  allowHttp: false,
  allowedHosts: undefined,
  allowSameVersion: false,
  allowDowngrade: false,
  allowForcedDowngrade: false,
  maxImageAgeDays: undefined,
  now: Date.UTC(2026, 0, 1),
  trust: { keys: [], allowUnsigned: true },
  quarantined: [BAD],
};
const update: UpdateDocument = {
  dialect: "nordic",
  url: "https://h/p",
  version: "1.0.2",
  size: 500,
  digest: undefined,
  signature: undefined,
  signingKey: undefined,
  project: undefined,
  force: false,
  patches: [],
};

describe("judgeDocument", () => {
  const rows: readonly [string, Partial<UpdateDocument>, Partial<DevicePolicy>, string | undefined][] = [
    ["a newer version over https", {}, {}, undefined],
    ["http", { url: "http://h/p" }, {}, "insecure-url"],
    ["HTTP in capitals", { url: "HTTP://h/p" }, {}, "insecure-url"],
    ["http where it is allowed", { url: "http://h/p" }, { allowHttp: true }, undefined],
    ["HTTPS in capitals", { url: "HTTPS://h/p" }, {}, undefined],
    ["a host of the local network", { url: "https://192.168.1.2/p" }, {}, "host-refused"],
    ["the same by http, which says no more", { url: "http://192.168.1.2/p" }, {}, "host-refused"],
    ["this device by name", { url: "https://localhost/p" }, {}, "host-refused"],
    ["an IPv6 address", { url: "https://[::1]/p" }, {}, "host-refused"],
    [
      "a host of the local network that is listed",
      { url: "https://192.168.1.2/p" },
      { allowedHosts: ["192.168.1.2"] },
      undefined,
    ],
    ["a host that is not listed", {}, { allowedHosts: ["i"] }, "host-refused"],
    ["no signature where a key is", {}, signed, "signature-missing"],
    ["a forced document without a signature where a key is", { force: true }, signed, "signature-missing"],
    ["a signature", { signature }, signed, undefined],
    ["a signature of the key that is there", { signature, signingKey: "key-1" }, signed, undefined],
    ["a signature of another key", { signature, signingKey: "key-2" }, signed, "signing-key-unknown"],
    [
      "a forced signature of another key",
      { signature, signingKey: "key-2", force: true },
      signed,
      "signing-key-unknown",
    ],
    ["a name of a key and no signature", { signingKey: "key-1" }, signed, "signature-missing"],
    ["no signature where both are allowed", {}, { trust: { keys: [KEY], allowUnsigned: true } }, undefined],
    [
      "a signature of another key where both are allowed",
      { signature, signingKey: "key-2" },
      { trust: { keys: [KEY], allowUnsigned: true } },
      "signing-key-unknown",
    ],
    ["no signature where no key is", {}, { trust: { keys: [], allowUnsigned: false } }, "no-signing-key"],
    ["a signature where no key is", { signature }, { trust: { keys: [], allowUnsigned: false } }, "no-signing-key"],
    ["a signature where none is looked at", { signature, signingKey: "key-2" }, {}, undefined],
    ["exactly the limit", { size: 1000 }, {}, undefined],
    ["one byte more", { size: 1001 }, {}, "image-too-large"],
    ["no size", { size: undefined }, {}, undefined],
    ["the running version", { version: "1.0.1" }, {}, "same-version"],
    ["the running version where it is allowed", { version: "1.0.1" }, { allowSameVersion: true }, undefined],
    ["the running version by force", { version: "1.0.1", force: true }, {}, undefined],
    ["an older version", { version: "1.0" }, {}, "downgrade"],
    ["an older version by force", { version: "1.0", force: true }, {}, "downgrade"],
    ["an older version where it is allowed", { version: "1.0" }, { allowDowngrade: true }, undefined],
    [
      "an older version by force where that is allowed",
      { version: "1.0", force: true },
      { allowForcedDowngrade: true },
      undefined,
    ],
    [
      "an older version without force where only that is allowed",
      { version: "1.0" },
      { allowForcedDowngrade: true },
      "downgrade",
    ],
    ["a version of another kind", { version: "main-4711" }, {}, "version-unordered"],
    ["a version of another kind by force", { version: "main-4711", force: true }, {}, "version-unordered"],
    ["a version of another kind where it is allowed", { version: "main-4711" }, { allowDowngrade: true }, undefined],
    [
      "a version of another kind by force where that is allowed",
      { version: "main-4711", force: true },
      { allowForcedDowngrade: true },
      undefined,
    ],
    [
      "a version of another kind when one without order runs",
      { version: "1.0.2" },
      { runningVersion: "1a2b3c4" },
      "version-unordered",
    ],
    ["the running version without order", { version: "1a2b3c4" }, { runningVersion: "1a2b3c4" }, "same-version"],
    ["no version", { version: undefined }, {}, undefined],
    ["another project", { project: "lamp" }, {}, "project-mismatch"],
    ["another project where any will do", { project: "lamp" }, { project: undefined }, undefined],
    ["a quarantined digest", { digest: BAD.digest }, {}, "quarantined"],
    ["a quarantined digest by force", { digest: BAD.digest, force: true }, {}, undefined],
  ];
  for (const [what, document, device, code] of rows) {
    it(`${code === undefined ? "takes" : `refuses with ${code}`} ${what}`, () => {
      assert.equal(judgeDocument({ ...update, ...document }, { ...policy, ...device })?.code, code);
    });
  }
});

describe("judgeHeaders", () => {
  it("refuses what does not fit and what is quarantined", () => {
    assert.equal(judgeHeaders({ size: 1001 }, update, policy)?.code, "image-too-large");
    assert.equal(judgeHeaders({ size: 100, etag: '"bad"' }, update, policy)?.code, "quarantined");
  });
  it("needs entity tag and length to recognise an image", () => {
    assert.equal(judgeHeaders({ size: 101, etag: '"bad"' }, update, policy), undefined);
    assert.equal(judgeHeaders({ size: 100 }, update, policy), undefined);
  });
  it("believes the document's digest more than the entity tag", () => {
    assert.equal(judgeHeaders({ size: 100, etag: '"bad"' }, { ...update, digest: "cd".repeat(32) }, policy), undefined);
  });
});

describe("judgeImageInfo", () => {
  const image = { ...BUILD, version: "v1.0.2", project: "blink" };
  it("takes the image that the document names", () => assert.equal(judgeImageInfo(image, update, policy), undefined));
  it("refuses another version", () => {
    assert.equal(judgeImageInfo({ ...image, version: "1.0.3" }, update, policy)?.code, "version-mismatch");
  });
  it("judges the version itself when the document names none", () => {
    const silent = { ...update, version: undefined };
    assert.equal(judgeImageInfo({ ...image, version: "1.0.1" }, silent, policy)?.code, "same-version");
    assert.equal(judgeImageInfo({ ...image, version: "0.9" }, silent, policy)?.code, "downgrade");
    assert.equal(judgeImageInfo(image, silent, policy), undefined);
  });
  it("refuses another project, and none at all", () => {
    assert.equal(judgeImageInfo({ ...image, project: "lamp" }, update, policy)?.code, "project-mismatch");
    assert.equal(judgeImageInfo({ ...image, project: "" }, update, policy)?.code, "project-mismatch");
  });
});

describe("the age of an image", () => {
  const image = { ...BUILD, version: "1.0.2", project: "blink" };
  /** "taken", or the detail of the refusal. */
  const judged = (build: { readonly date?: string; readonly time?: string }, days: number | undefined): string => {
    const refusal = judgeImageInfo({ ...image, ...build }, update, { ...policy, maxImageAgeDays: days });
    if (refusal === undefined) return "taken";
    assert.equal(refusal.code, "image-expired");
    return refusal.detail;
  };
  it("does not matter unless the application says so", () =>
    assert.equal(judged({ date: "Jan  1 1980" }, undefined), "taken"));
  it("is counted in whole days from the build", () => {
    assert.equal(judged({}, 29), "taken");
    assert.equal(judged({ time: "00:00:00" }, 29), "built Dec  2 2025, 30 days ago, maxImageAgeDays is 29");
  });
  it("may be a day below zero, which is the compiler's time zone, and not more", () => {
    assert.equal(judged({ date: "Jan  1 2026", time: "23:59:59" }, 29), "taken");
    assert.equal(judged({ date: "Jan  3 2026" }, 29), "built Jan  3 2026, the clock is before that");
  });
  it("is unknown without a date", () => {
    assert.equal(judged({ date: "" }, 29), "no build date (CONFIG_APP_COMPILE_TIME_DATE), maxImageAgeDays wants one");
  });
  it("is judged again of what was read back from flash", () => {
    const strict = { ...policy, maxImageAgeDays: 1 };
    assert.equal(judgeInstalledImage(image, "cd".repeat(32), update, strict)?.code, "image-expired");
  });
});

describe("versions in a refusal", () => {
  it("names both and the option, and fits statusDetails", () => {
    const long = (end: string) => `${"x".repeat(30)}${end}`;
    const refusal = judgeDocument({ ...update, version: long("a") }, { ...policy, runningVersion: long("b") });
    const { detail = "", code } = refusal ?? {};
    assert.equal(code, "version-unordered");
    assert.ok(detail.includes(long("a")) && detail.includes(long("b")) && detail.includes("allowDowngrade"), detail);
    assert.ok(detail.length <= 128);
  });
});

describe("a version cut in the image's descriptor", () => {
  const full = "v1.0.2-feature.with-a-long-name-5-g1a2b3c4";
  const image = { ...BUILD, version: full.slice(0, 31), project: "blink" };
  const policyOfFeature = { ...policy, runningVersion: "1.0.1" };
  it("is the one the document names in full, with or without its v", () => {
    for (const version of [full, full.slice(1)].map(normalizeVersion))
      assert.equal(judgeImageInfo(image, { ...update, version }, policyOfFeature), undefined);
  });
  it("is not another that begins alike within what was kept", () => {
    const version = normalizeVersion("v1.0.2-feature.with-a-long-nam-5-g1a2b3c4");
    assert.equal(judgeImageInfo(image, { ...update, version }, policyOfFeature)?.code, "version-mismatch");
  });
});

describe("judgeInstalledImage", () => {
  const image = { ...BUILD, version: "1.0.2", project: "blink" };
  const digest = "cd".repeat(32);
  it("compares the digest first", () => {
    assert.equal(
      judgeInstalledImage(image, digest, { ...update, digest: "ef".repeat(32) }, policy)?.code,
      "digest-mismatch",
    );
    assert.equal(judgeInstalledImage(image, digest, { ...update, digest }, policy), undefined);
  });
  it("R10: refuses a quarantined image however it came", () => {
    assert.equal(judgeInstalledImage(image, BAD.digest, update, policy)?.code, "quarantined");
  });
});

describe("quarantine", () => {
  const image = (n: number) => ({ digest: String(n).padStart(64, "0"), size: n });
  const rolledBack = { status: "FAILED", details: { code: "rolled-back" } };
  it("keeps the newest, each once", () => {
    let list = [image(0)];
    for (const n of [1, 2, 1, 3, 4, 1]) list = [...afterEnd(list, image(n), rolledBack)];
    assert.deepEqual(
      list.map(({ size }) => size),
      [2, 3, 4, 1],
    );
    assert.equal(list.length, MAX_QUARANTINED);
  });
  it("takes in what a first boot condemned, and nothing else", () => {
    assert.deepEqual(afterEnd([], image(1), { status: "FAILED", details: { code: "not-found" } }), []);
    assert.deepEqual(afterEnd([], image(1), { status: "FAILED", details: {} }), []);
    assert.deepEqual(afterEnd([], { size: 5 }, rolledBack), [], "without a digest it could not be recognized");
  });
  it("knows nothing of an image without identity", () => assert.equal(isQuarantined([BAD], {}), false));
  it("releases an image that succeeded after all", () => {
    const succeeded = { status: "SUCCEEDED", details: {} };
    assert.deepEqual(afterEnd([BAD, image(1)], BAD, succeeded), [image(1)]);
  });
});
