import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { parseJobDocument } from "../../modules/aws-fota/job-document.js";

const SIGNATURE = sign(
  "sha256",
  Buffer.from("image"),
  generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey,
).toString("base64");
const DIGEST = "0123456789abcdef".repeat(4);

type Json = Record<string, unknown>;

function nordic(changes: Json = {}, location: Json = {}): Json {
  return {
    operation: "app_fw_update",
    fwversion: "v1.0.2",
    size: 181124,
    location: { protocol: "https:", host: "bucket.s3.amazonaws.com", path: "rel/app.bin", ...location },
    ...changes,
  };
}

function afr(file: Json = {}, ota: Json = {}): Json {
  return {
    afr_ota: {
      protocols: ["MQTT", "HTTP"],
      streamname: "AFR_OTA-1",
      files: [
        {
          filepath: "/app",
          filesize: 731136,
          fileid: 0,
          certfile: "Code Verify Key",
          fileType: 0,
          update_data_url: "https://fw.s3.eu-west-1.amazonaws.com/app.bin?X-Amz-Signature=1",
          auth_scheme: "aws.s3.presigned",
          "sig-sha256-ecdsa": SIGNATURE,
          ...file,
        },
      ],
      ...ota,
    },
  };
}

function update(document: unknown, slot?: number) {
  const outcome = parseJobDocument(document, slot);
  if (outcome.kind !== "update") assert.fail(outcome.kind === "invalid" ? outcome.error.message : "foreign");
  return outcome.update;
}

function refusal(document: unknown, slot?: number): string {
  const outcome = parseJobDocument(document, slot);
  if (outcome.kind !== "invalid") assert.fail(outcome.kind);
  return outcome.error.code;
}

describe("job document, Nordic dialect", () => {
  for (const [protocol, scheme] of [
    ["http", "http"],
    ["https", "https"],
    ["http:", "http"],
    ["https:", "https"],
    ["HTTPS:", "https"],
    ["https://", "https"],
  ]) {
    it(`understands the protocol "${protocol}"`, () => {
      assert.equal(update(nordic({}, { protocol })).url, `${scheme}://bucket.s3.amazonaws.com/rel/app.bin`);
    });
  }
  it("takes a host with a port and a path with a slash", () => {
    assert.equal(update(nordic({}, { host: "h:8443", path: "/a?x=1&y=%2F" })).url, "https://h:8443/a?x=1&y=%2F");
  });
  it("prefers location.url to host and path", () => {
    const url = "https://s3.amazonaws.com/b/k?X-Amz-Date=1";
    assert.equal(update(nordic({}, { url })).url, url);
    assert.equal(update(nordic({ location: { url } })).url, url);
  });
  it("gives the version without its v, size, and the optional members", () => {
    const document = nordic({
      sha256: DIGEST.toUpperCase(),
      "sig-sha256-ecdsa": SIGNATURE,
      project: "blink",
      force: true,
    });
    const { version, size, digest, signature, project, force, dialect } = update(document);
    assert.deepEqual(
      [version, size, digest, project, force, dialect],
      ["1.0.2", 181124, DIGEST, "blink", true, "nordic"],
    );
    assert.equal(signature?.length, 64);
  });
  it("takes the digest as base64", () => {
    assert.equal(update(nordic({ sha256: Buffer.from(DIGEST, "hex").toString("base64") })).digest, DIGEST);
  });
  it("ignores members it does not know", () => {
    assert.equal(update(nordic({ comment: { deep: [1] } }, { region: "x" })).version, "1.0.2");
  });
  it("takes numbers and flags as the text that a template or a package attribute makes of them", () => {
    for (const size of [1, 181124, 4294967295]) assert.equal(update(nordic({ size: String(size) })).size, size);
    assert.equal(update(nordic({ force: "true" })).force, true);
    assert.equal(update(nordic({ force: "false" })).force, false);
  });
  it("does without size", () => assert.equal(update(nordic({ size: undefined })).size, undefined));
  it("picks the path of the slot that is written when there are two", () => {
    const document = nordic({}, { path: "a/s0.bin b/s1.bin" });
    assert.match(update(document, 0).url, /\/a\/s0\.bin$/);
    assert.match(update(document, 1).url, /\/b\/s1\.bin$/);
    assert.equal(refusal(document), "document-unsupported");
    assert.equal(refusal(document, 2), "document-unsupported");
  });

  const invalid: readonly [string, unknown, string?][] = [
    ["no location", nordic({ location: undefined })],
    ["a location that is a text", nordic({ location: "https://x/y" })],
    ["no host", nordic({}, { host: undefined })],
    ["no path", nordic({}, { path: undefined })],
    ["no protocol", nordic({}, { protocol: undefined })],
    ["another protocol", nordic({}, { protocol: "ftp:" })],
    ["a host with a path", nordic({}, { host: "h/p" })],
    ["a host with a user", nordic({}, { host: "u@h" })],
    ["a line end in the path", nordic({}, { path: "a\r\nHost: evil" })],
    ["three paths", nordic({}, { path: "a b c" })],
    ["a path that begins with a space", nordic({}, { path: " a" })],
    ["a numeric host", nordic({}, { host: 7 })],
    ["no fwversion", nordic({ fwversion: undefined })],
    ["an empty fwversion", nordic({ fwversion: "" })],
    ["a blank fwversion", nordic({ fwversion: "  " })],
    ["a numeric fwversion", nordic({ fwversion: 2 })],
    ["a long fwversion", nordic({ fwversion: "1".repeat(65) })],
    ["size 0", nordic({ size: 0 })],
    ["a negative size", nordic({ size: -1 })],
    ["a fraction as size", nordic({ size: 1.5 })],
    ...[
      " 181124",
      "181124 ",
      "+181124",
      "-1",
      "0181124",
      "0",
      "00",
      "1e5",
      "181124.0",
      "0x10",
      "",
      "181,124",
      "１８",
    ].map((size): [string, unknown] => [`the text "${size}" as size`, nordic({ size })]),
    ["a size beyond 32 bits as text", nordic({ size: "4294967296" })],
    ["a size beyond all numbers as text", nordic({ size: "9".repeat(400) })],
    ["a list of one number as size", nordic({ size: [181124] })],
    ["a size beyond 32 bits", nordic({ size: 2 ** 32 })],
    ["a short digest", nordic({ sha256: "abcd" })],
    ["a digest that is no digest", nordic({ sha256: "x".repeat(64) })],
    ...["yes", "True", "TRUE", " true", "true ", "1", "0", ""].map((force): [string, unknown] => [
      `the text "${force}" as force`,
      nordic({ force }),
    ]),
    ["force as a number", nordic({ force: 1 })],
    ["a url that is none", nordic({}, { url: "bucket/key" })],
    ["a url with a space", nordic({}, { url: "https://h/a b" })],
    ["a url that is too long", nordic({}, { url: `https://h/${"a".repeat(4096)}` }), "url-too-long"],
    ["a signature that is none", nordic({ "sig-sha256-ecdsa": "AAAA" }), "signature-invalid"],
    ["the 512 bytes of an RSA signature", nordic({ "sig-sha256-ecdsa": "A".repeat(684) }), "signature-invalid"],
    ["a signature beyond any", nordic({ "sig-sha256-ecdsa": "A".repeat(1028) }), "document-invalid"],
    [
      "a signature with s of 0",
      nordic({ "sig-sha256-ecdsa": Buffer.from([48, 6, 2, 1, 1, 2, 1, 0]).toString("base64") }),
      "signature-invalid",
    ],
    ["only a signature of another kind", nordic({ "sig-sha256-rsa": "AAAA" }), "signature-unsupported"],
    ["operation missing from a firmware document", nordic({ operation: undefined })],
    ["operation as a number", nordic({ operation: 1 })],
  ];
  for (const [what, document, code = "document-invalid"] of invalid) {
    it(`refuses ${what} with ${code}`, () => assert.equal(refusal(document), code));
  }
});

describe("sig-key-id", () => {
  const codeSigned = {
    presign: "https://s3.amazonaws.com/b/k?X-Amz-Date=1",
    codesign: { signature: SIGNATURE, signatureAlgorithm: "SHA256withECDSA" },
  };
  for (const [dialect, document] of [
    ["nordic", nordic({ "sig-sha256-ecdsa": SIGNATURE })],
    ["afr-ota", afr()],
    ["code-signed", codeSigned],
  ] as const) {
    it(`names the key at the top of the document, or not: ${dialect}`, () => {
      assert.equal(update(document).signingKey, undefined);
      const named = update({ ...document, "sig-key-id": "2026-a.b_C" });
      assert.deepEqual([named.dialect, named.signingKey], [dialect, "2026-a.b_C"]);
    });
    for (const id of ["", "a b", "a/b", "a".repeat(33), 7, {}]) {
      it(`is refused as ${JSON.stringify(id).slice(0, 12)}: ${dialect}`, () => {
        assert.equal(refusal({ ...document, "sig-key-id": id }), "document-invalid");
      });
    }
  }
  it("alone is no signature of another kind", () => {
    assert.equal(update(nordic({ "sig-key-id": "2026" })).signature, undefined);
  });
});

describe("job document, AWS OTA dialect", () => {
  it("reads url, size and signature, and leaves the version to the image", () => {
    const { dialect, version, size, url, signature } = update(afr());
    assert.deepEqual([dialect, version, size, signature?.length], ["afr-ota", undefined, 731136, 64]);
    assert.match(url, /^https:\/\/fw\.s3/);
  });
  it("does without the members that only another transport needs", () => {
    const document = afr(
      { fileType: undefined, auth_scheme: undefined, certfile: undefined },
      { streamname: undefined },
    );
    assert.equal(update(document).size, 731136);
  });
  it("takes its numbers as text, too", () => {
    assert.equal(update(afr({ filesize: "731136", fileType: "0" })).size, 731136);
    assert.equal(refusal(afr({ fileType: "202" })), "document-unsupported");
    assert.equal(refusal(afr({ fileType: "00" })), "document-unsupported");
  });
  const invalid: readonly [string, unknown, string?][] = [
    ["a dialect member that is a text", { afr_ota: "x" }],
    ["MQTT only", afr({}, { protocols: ["MQTT"] }), "document-unsupported"],
    ["no protocols", afr({}, { protocols: undefined })],
    ["no files", afr({}, { files: undefined })],
    ["an empty list of files", afr({}, { files: [] })],
    ["two files", afr({}, { files: [{}, {}] }), "document-unsupported"],
    ["a file that is null", afr({}, { files: [null] })],
    ["no filesize", afr({ filesize: undefined })],
    ["a filesize beyond 32 bits", afr({ filesize: 4294967296 })],
    ["no url", afr({ update_data_url: undefined })],
    ["another file type", afr({ fileType: 202 }), "document-unsupported"],
    ["another scheme of authorization", afr({ auth_scheme: "basic" }), "document-unsupported"],
    [
      "an RSA signature only",
      afr({ "sig-sha256-ecdsa": undefined, "sig-sha256-rsa": "AAAA" }),
      "signature-unsupported",
    ],
  ];
  for (const [what, document, code = "document-invalid"] of invalid) {
    it(`refuses ${what} with ${code}`, () => assert.equal(refusal(document), code));
  }
});

describe("job document, code-signed dialect", () => {
  const signed = (codesign: Json = {}, presign: unknown = "https://s3.amazonaws.com/b/k?X-Amz-Date=1"): Json => ({
    presign,
    codesign: { rawPayloadSize: 9000, signature: SIGNATURE, signatureAlgorithm: "SHA256withECDSA", ...codesign },
  });
  it("reads url, size and signature", () => {
    const { dialect, size, signature, version } = update(signed());
    assert.deepEqual([dialect, size, signature?.length, version], ["code-signed", 9000, 64, undefined]);
  });
  it("takes its size as text, too", () => {
    assert.equal(update(signed({ rawPayloadSize: "9000" })).size, 9000);
    assert.equal(refusal(signed({ rawPayloadSize: "9000 bytes" })), "document-invalid");
  });
  it("refuses another algorithm", () => {
    assert.equal(refusal(signed({ signatureAlgorithm: "SHA256withRSA" })), "signature-unsupported");
  });
  it("refuses a broken signature", () => assert.equal(refusal(signed({ signature: "????" })), "signature-invalid"));
  it("refuses a missing url", () => assert.equal(refusal(signed({}, 7)), "document-invalid"));
});

describe("job document of somebody else", () => {
  it("R13: another operation is foreign and named", () => {
    assert.deepEqual(parseJobDocument({ operation: "rotate_keys", location: 1 }), {
      kind: "foreign",
      operation: "rotate_keys",
    });
  });
  it("R13: an AWS managed template is foreign", () => {
    assert.deepEqual(parseJobDocument({ version: "1.0", steps: [] }), { kind: "foreign", operation: undefined });
  });
  for (const document of [undefined, null, 7, "text", [], true]) {
    it(`${JSON.stringify(document)} is no document`, () => assert.equal(refusal(document), "document-invalid"));
  }
  it("survives a document whose members throw", () => {
    const hostile = {
      get operation(): string {
        throw new Error("no");
      },
    };
    assert.equal(refusal(hostile), "document-invalid");
  });
  it("R11: the error never repeats the URL", () => {
    const outcome = parseJobDocument(nordic({}, { url: "https://h/a b?X-Amz-Signature=secret" }));
    assert.equal(outcome.kind, "invalid");
    assert.ok(outcome.kind === "invalid" && !/secret|Signature/.test(outcome.error.message));
  });
});

describe("job document, patches", () => {
  const base = { sha256: DIGEST, size: 180_000, fwversion: "v1.0.1" };
  const location = { url: "https://b.s3.amazonaws.com/x.patch" };
  const entry = (changes: Json = {}): Json => ({ base, size: 2113, location, ...changes });
  const offering = (patches: unknown, changes: Json = {}): Json => nordic({ sha256: DIGEST, patches, ...changes });

  it("come in the document's order, with and without a base", () => {
    const { patches } = update(offering([entry(), { size: "90000", location }]));
    assert.deepEqual(patches, [
      { url: location.url, size: 2113, base: { digest: DIGEST, size: 180_000, version: "1.0.1" } },
      { url: location.url, size: 90_000, base: undefined },
    ]);
  });
  it("have the forms of location that the image has, two paths included", () => {
    const parts = { protocol: "https", host: "h:8443", path: "a.patch b.patch" };
    assert.equal(update(offering([entry({ location: parts })]), 1).patches[0]?.url, "https://h:8443/b.patch");
    assert.equal(refusal(offering([entry({ location: parts })])), "document-unsupported");
  });
  it("may be absent, null or none", () => {
    for (const none of [undefined, null, []]) assert.deepEqual(update(nordic({ patches: none })).patches, []);
  });
  it("are eight at most", () => {
    assert.equal(update(offering(Array.from({ length: 8 }, () => entry()))).patches.length, 8);
    assert.equal(refusal(offering(Array.from({ length: 9 }, () => entry()))), "document-invalid");
  });
  it("need the image's digest and size", () => {
    assert.equal(refusal(offering([entry()], { sha256: undefined })), "document-invalid");
    assert.equal(refusal(offering([entry()], { size: undefined })), "document-invalid");
  });
  for (const [what, patches] of Object.entries({
    "an object": { 0: entry() },
    "a list of texts": ["x.patch"],
    "without a size": [entry({ size: undefined })],
    "of no bytes": [entry({ size: 0 })],
    "without a location": [entry({ location: undefined })],
    "with a URL that is none": [entry({ location: { url: "ftp://h/x" } })],
    "with a base that is a text": [entry({ base: "1.0.1" })],
    "with a base without digest": [entry({ base: { size: 1 } })],
    "with a base without size": [entry({ base: { sha256: DIGEST } })],
    "with a digest that is none": [entry({ base: { ...base, sha256: "abc" } })],
  })) {
    it(`are refused: ${what}`, () => assert.equal(refusal(offering(patches)), "document-invalid"));
  }
  it("of the other dialects are not looked at", () => {
    assert.deepEqual(update({ ...afr(), patches: "nonsense" }).patches, []);
  });
});
