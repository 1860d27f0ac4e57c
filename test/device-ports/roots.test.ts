import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../modules/device-ports/roots/", import.meta.url);

describe("root certificates", () => {
  const rows = [
    ...readFileSync(new URL("README.md", folder), "utf8").matchAll(/^\| `(\S+\.der)` \|.*\| `([0-9a-f]{64})` \|/gm),
  ];

  it("are all described, and nothing else is", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".der"));
    assert.deepEqual(rows.map(([, name]) => name).sort(), files.sort());
  });

  for (const [, name = "", fingerprint] of rows)
    it(`${name} has the documented fingerprint, is a self-signed authority and still valid for years`, () => {
      const certificate = new X509Certificate(readFileSync(new URL(name, folder)));
      assert.equal(certificate.fingerprint256.replaceAll(":", "").toLowerCase(), fingerprint);
      assert.ok(certificate.ca);
      assert.ok(certificate.verify(certificate.publicKey));
      assert.ok(Date.parse(certificate.validTo) > Date.parse("2036-01-01"));
    });
});
