import assert from "node:assert/strict";
import { nameIn } from "../../modules/strict-tls/distinguished-name.js";
import { asRefusal, requireRecord, TlsRefusal } from "../../modules/strict-tls/index.js";

const ascii = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
/** A Name with one attribute. [RFC 5280, 4.1.2.4] */
const nameOf = (type: number, text: string) =>
  Uint8Array.of(0x30, 0, 0x31, 0, 0x30, 0, 6, 3, 0x55, 4, type, 0x0c, text.length, ...ascii(text), 0, 0);

describe("what answers in a server's place", () => {
  const refusal = (bytes: Uint8Array) => {
    try {
      requireRecord(bytes);
      return "";
    } catch (error) {
      assert.ok(error instanceof TlsRefusal);
      assert.equal(error.reason, "protocol");
      return error.message;
    }
  };

  it("is named when it speaks HTTP", () => {
    for (const text of ["HTTP/1.1 400 Bad Request", "HTTP/1.0 302", "HTTP/"])
      assert.equal(refusal(ascii(text)), "protocol: HTTP in the place of TLS: a proxy or portal");
  });

  it("is told from TLS by its first five bytes, and not before", () => {
    for (const text of ["SSH-2.0-x", "<html>", "220 smtp"])
      assert.equal(refusal(ascii(text)), "protocol: no TLS in the answer");
    assert.equal(refusal(ascii("HTTP")), "");
    assert.equal(refusal(new Uint8Array(0)), "");
  });

  it("may send every kind of record of every version of TLS", () => {
    for (const type of [20, 21, 22, 23])
      for (const minor of [1, 2, 3, 4]) assert.equal(refusal(Uint8Array.of(type, 3, minor, 0x48, 0)), "");
  });

  it("may not send a record longer than there are", () => {
    assert.notEqual(refusal(Uint8Array.of(22, 3, 3, 0x48, 1)), "");
    assert.notEqual(refusal(Uint8Array.of(24, 3, 3, 0, 1)), "");
    assert.notEqual(refusal(Uint8Array.of(22, 2, 0, 0, 1)), "");
  });

  it("is named by the common name of its authority, or else its organization", () => {
    assert.equal(nameIn(nameOf(3, "FRITZ!Box")), "FRITZ!Box");
    assert.equal(nameIn(nameOf(10, "Corp Proxy")), "Corp Proxy");
    assert.equal(nameIn(Uint8Array.of(...nameOf(10, "Corp"), ...nameOf(3, "Proxy CA"))), "Proxy CA");
  });

  it("has a name fit for a message, whatever its certificate says", () => {
    assert.equal(nameIn(nameOf(3, "a\r\nb\u00e4")), "a??b?");
    assert.equal(nameIn(nameOf(3, "x".repeat(100))).length, 40);
    assert.equal(nameIn(new Uint8Array(0)), "nobody");
    assert.equal(nameIn(Uint8Array.of(6, 3, 0x55, 4, 3, 12, 255, 65, 66)), "AB");
  });
});

describe("an alert of the server", () => {
  it("has its name where that says something about settings, otherwise its number", () => {
    const text = (said: string) => asRefusal(new Error(said)).message;
    assert.equal(text("alert: 2, 42"), "protocol: alert: bad_certificate");
    assert.equal(text("alert: 2, 120"), "protocol: alert: no_application_protocol");
    assert.equal(text("alert: 2, 99"), "protocol: alert: 2, 99");
    assert.equal(text("anything"), "protocol: anything");
  });
});
