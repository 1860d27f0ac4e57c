import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { validityOf } from "../../host-sim/ports/der.js";

const ROOT = new Uint8Array(
  readFileSync(new URL("../../modules/device-ports/roots/AmazonRootCA1.der", import.meta.url)),
);

describe("a root certificate's validity", () => {
  it("is read from DER", () => {
    const { from, to } = validityOf(ROOT);
    assert.equal(new Date(from).toISOString(), "2015-05-26T00:00:00.000Z");
    assert.equal(new Date(to).toISOString(), "2038-01-17T00:00:00.000Z");
  });

  it("is not read from PEM, cut or empty files", () => {
    assert.throws(() => validityOf(new Uint8Array(Buffer.from("-----BEGIN CERTIFICATE-----"))), /BER/);
    assert.throws(() => validityOf(ROOT.subarray(0, 100)), /BER/);
    assert.throws(() => validityOf(new Uint8Array(0)), /BER/);
  });
});
