import assert from "node:assert/strict";
import { coversHost } from "../../modules/strict-tls/server-name.js";

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const covers = (host: string, dns: readonly string[], addresses: readonly (readonly number[])[] = []) =>
  coversHost({ dns: dns.map(bytes), addresses: addresses.map((address) => Uint8Array.from(address)) }, host);

describe("the names of a certificate", () => {
  const covered: readonly [title: string, host: string, ...names: string[]][] = [
    ["the host itself", "a.example.test", "a.example.test"],
    ["one of several", "b.example.test", "a.example.test", "b.example.test"],
    ["whatever the case of its letters", "A.Example.test", "a.eXAMPLE.Test"],
    ["one label under a wildcard", "a.example.test", "*.example.test"],
    ["a wildcard of any case", "bucket.S3.amazonaws.com", "*.s3.AMAZONAWS.com"],
    ["a host name of one label", "localhost", "localhost"],
    ["underscores and hyphens", "my_host-1.example.test", "my_host-1.example.test"],
  ];
  for (const [title, host, ...names] of covered)
    it(`cover ${title}`, () => {
      assert.ok(covers(host, names));
    });

  const notCovered: readonly [title: string, host: string, ...names: string[]][] = [
    ["another host", "a.example.test", "b.example.test"],
    ["anything when there are none", "a.example.test"],
    ["a host that merely ends or begins alike", "xa.example.test", "a.example.test", "xa.example.test.evil.test"],
    ["two labels under a wildcard", "a.b.example.test", "*.example.test"],
    ["the wildcard's own domain", "example.test", "*.example.test"],
    ["an empty label under a wildcard", ".example.test", "*.example.test"],
    ["a wildcard within a label", "abc.example.test", "a*.example.test", "*c.example.test", "a*c.example.test"],
    ["a wildcard that is not the first label", "a.b.test", "a.*.test", "a.*"],
    ["two wildcards", "a.b.test", "*.*.test", "**.b.test"],
    ["a wildcard over a whole top-level domain", "example.test", "*.test"],
    ["everything", "example.test", "*", "*."],
    ["a name with a zero byte", "a.example.test", "a.example.test\0.evil.test", "a.example.test\0"],
    ["a name with a dot at its end", "a.example.test", "a.example.test."],
    ["a host with a dot at its end", "a.example.test.", "a.example.test"],
    ["an empty host", "", ""],
    ["a host with characters that no name has", "a.example.test/x", "a.example.test/x"],
    ["a wildcard as host", "*.example.test", "*.example.test"],
    ["letters outside of ASCII that fold to others", "\u212A.example.test", "k.example.test"],
  ];
  for (const [title, host, ...names] of notCovered)
    it(`do not cover ${title}`, () => {
      assert.ok(!covers(host, names));
    });

  it("cover an address by the address alone", () => {
    assert.ok(covers("127.0.0.1", [], [[127, 0, 0, 1]]));
    assert.ok(!covers("127.0.0.1", ["127.0.0.1"]));
    assert.ok(
      !covers(
        "127.0.0.1",
        [],
        [
          [127, 0, 0, 2],
          [127, 0, 0, 1, 0],
        ],
      ),
    );
    assert.ok(!covers("1.2.3.4", ["*.2.3.4"]));
    assert.ok(!covers("a.example.test", [], [[127, 0, 0, 1]]));
  });
});
