import assert from "node:assert/strict";
import { FotaDownloadError } from "../../modules/fota-download/errors.js";
import { isAnswerAllowed, isHostAllowed, parseAllowedHosts } from "../../modules/fota-download/host-rules.js";
import { parseUrl } from "../../modules/fota-download/url.js";

const mayAsk = (url: string, list?: readonly string[]) => isHostAllowed(parseUrl(url).host, parseAllowedHosts(list));

/** Spellings of this very device and of local networks, in the way of each program that reads URLs. */
const CLOSED = [
  "localhost",
  "LocalHost",
  "localhost.",
  "a.localhost",
  "s3.a.localhost.",
  "127.0.0.1",
  "127.0.0.1.",
  "127.255.255.254",
  "127.1", // fewer parts
  "127.0.1",
  "2130706433", // one number
  "017700000001", // octal
  "0177.0.0.1",
  "0177.0000.00.01",
  "0x7f.0.0.1", // hexadecimal
  "0x7F000001",
  "0x7f.1",
  "0x",
  "127.0.0.0x1",
  "127.0.0.01",
  "127.0.0.256",
  "256.256.256.256",
  "1.2.3.4.5",
  "a.1", // ends in a number, and so is an address that cannot be read
  "h.example.0x7f",
  "0",
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.127.255.255",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.168.0.1",
  "192.168.255.255",
  "198.18.0.1",
  "198.19.255.255",
  "224.0.0.1",
  "239.255.255.250",
  "240.0.0.1",
  "255.255.255.255",
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[fe80::1]",
  "[fc00::1]",
  "[ff02::1]",
  "[2606:4700:4700::1111]", // public, but the SDK's resolver knows IPv4 only
];

const OPEN = [
  "bucket.s3.eu-west-1.amazonaws.com",
  "h.example.",
  "localhost.example",
  "notlocalhost",
  "127.0.0.1.example",
  "0x7f.example",
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "169.253.255.255",
  "169.255.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
];

describe("the servers that may be asked", () => {
  describe("without a list", () => {
    for (const host of CLOSED)
      for (const scheme of ["https", "http"])
        it(`are not ${scheme}://${host}`, () => {
          assert.equal(mayAsk(`${scheme}://${host}/a`), false);
          assert.equal(mayAsk(`${scheme}://${host}:8443/a`), false);
        });
    for (const host of OPEN) it(`are ${host}`, () => assert.equal(mayAsk(`https://${host}/a`), true));
  });

  describe("with a list", () => {
    const list = ["h.example", "*.S3.eu-west-1.amazonaws.com", "127.0.0.1", "localhost.", "*.localhost"];
    for (const host of [
      "h.example",
      "H.EXAMPLE.",
      "bucket.s3.eu-west-1.amazonaws.com",
      "127.0.0.1",
      "127.0.0.1.",
      "localhost",
      "localhost.",
      "s3.localhost",
    ])
      it(`are ${host}`, () => assert.equal(mayAsk(`https://${host}:8443/a`, list), true));
    for (const host of [
      "example",
      "a.h.example",
      "h.example.evil",
      "evilh.example",
      "s3.eu-west-1.amazonaws.com",
      "a.b.s3.eu-west-1.amazonaws.com",
      "bucket-s3.eu-west-1.amazonaws.com",
      "bucket.s3.eu-west-1.amazonaws.com.evil",
      "a.b.localhost",
      "127.0.0.2",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "[::ffff:127.0.0.1]",
      "1.1.1.1",
    ])
      it(`are not ${host}`, () => assert.equal(mayAsk(`https://${host}/a`, list), false));
    it("are none with an empty one", () => assert.equal(mayAsk("https://h.example/a", []), false));
  });

  it("are judged by the answer of a name look-up where nothing is listed", () => {
    for (const address of ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1", "", "127.1"])
      assert.equal(isAnswerAllowed(address, undefined), false, address);
    assert.equal(isAnswerAllowed("52.218.0.1", undefined), true);
    assert.equal(isAnswerAllowed("10.1.2.3", ["h.example"]), true, "a private cloud's endpoint");
  });
});

describe("allowedHosts", () => {
  for (const entry of [
    "",
    ".",
    "*",
    "*.",
    "**.example",
    "a.*.example",
    "*a.example",
    "*.*.example",
    "h..example",
    ".example",
    "-h.example",
    "h-.example",
    "h.example:443",
    "https://h.example",
    "h.example/",
    "user@h.example",
    "h example",
    "[::1]",
    "::1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "127.0.0.01",
    "10.0.0.0/8",
    "*.0.0.1",
    "a".repeat(254),
  ])
    it(`does not take ${JSON.stringify(entry.slice(0, 30))}`, () => {
      const isRefused = (error: unknown) => error instanceof FotaDownloadError && error.code === "bad-option";
      assert.throws(() => parseAllowedHosts([entry]), isRefused);
    });

  it("is compared without case and final dot", () => {
    assert.deepEqual(parseAllowedHosts(["H.Example.", "*.X_y.Example", "10.0.0.1"]), [
      "h.example",
      "*.x_y.example",
      "10.0.0.1",
    ]);
    assert.equal(parseAllowedHosts(undefined), undefined);
  });
});
