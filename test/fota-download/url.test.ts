import assert from "node:assert/strict";
import { FotaDownloadError } from "../../modules/fota-download/errors.js";
import { hostHeader, parseUrl, redactUrl, resolveLocation } from "../../modules/fota-download/url.js";

function refuses(text: string): void {
  assert.throws(
    () => parseUrl(text),
    (error) => error instanceof FotaDownloadError && error.code === "bad-url" && !error.message.includes("secret"),
    text,
  );
}

describe("a download URL", () => {
  it("is taken apart into scheme, host, port and target", () => {
    assert.deepEqual(parseUrl("https://B.s3.eu-west-1.amazonaws.com/rel/app.bin?X=1"), {
      scheme: "https",
      host: "b.s3.eu-west-1.amazonaws.com",
      port: 443,
      target: "/rel/app.bin?X=1",
    });
    assert.deepEqual(parseUrl("HTTP://10.0.0.1:8080"), { scheme: "http", host: "10.0.0.1", port: 8080, target: "/" });
  });

  it("keeps an IPv6 address in its brackets", () => {
    const parts = { scheme: "https", host: "[::ffff:127.0.0.1]", port: 8443, target: "/a" };
    assert.deepEqual(parseUrl("https://[::FFFF:127.0.0.1]:8443/a"), parts);
    assert.equal(hostHeader(parseUrl("https://[::1]/")), "[::1]");
  });

  it("keeps path and query exactly as they were signed", () => {
    const target = "/a%2Fb/%7Euser//x.bin?X-Amz-Credential=AK%2F2026&a=+&b=%20&c=~%7e";
    assert.equal(parseUrl(`https://h.example${target}`).target, target);
  });

  it("takes a query without a path", () => {
    assert.equal(parseUrl("https://h.example?a=1").target, "/?a=1");
  });

  it("drops a fragment", () => {
    assert.equal(parseUrl("https://h.example/a?b#secret").target, "/a?b");
    assert.equal(parseUrl("https://h.example#secret").target, "/");
  });

  it("accepts a presigned URL of two kilobytes", () => {
    const target = `/app.bin?X-Amz-Security-Token=${"A1%2F".repeat(400)}`;
    assert.equal(parseUrl(`https://h.example${target}`).target, target);
  });

  for (const text of [
    "",
    "app.bin",
    "//h.example/secret",
    "ftp://h.example/secret",
    "https:/h.example/secret",
    "https:///secret",
    "https://:443/secret",
    "https://user:secret@h.example/",
    "https://h.example:0/secret",
    "https://h.example:65536/secret",
    "https://h.example:port/secret",
    "https://h.example:/secret",
    "https://[::1/secret",
    "https://::1/secret",
    "https://[fe80::1%25eth0]/secret",
    "https://[v1.x]/secret",
    "https://127.0.0.1%2f@h.example/secret",
    "https://%31%32%37.0.0.1/secret",
    "https://h.example@127.0.0.1/secret",
    "https://127。0。0。1/secret",
    "https://-h.example/secret",
    "https://h..example/secret",
    "https://h.exa mple/secret",
    "https://h.example\\evil/secret",
    "https://h.example/secret path",
    "https://h.example/secret\r\nx: y",
    "https://h.example/secret\u0000",
    "https://h.example/sécret",
    " https://h.example/secret",
    `https://${"a".repeat(64)}.example/secret`,
    `https://${"a.".repeat(130)}example/secret`,
  ]) {
    it(`is refused as ${JSON.stringify(text.slice(0, 40))}`, () => refuses(text));
  }

  it("shows only scheme, host and a port of its own when redacted", () => {
    assert.equal(redactUrl("https://h.example/a?X-Amz-Signature=secret"), "https://h.example");
    assert.equal(redactUrl("http://h.example:9000/a?secret"), "http://h.example:9000");
    assert.equal(redactUrl("nonsense secret"), "(not a URL)");
  });

  it("names the port in the Host header only when it is not the scheme's own", () => {
    assert.equal(hostHeader(parseUrl("https://h.example:443/")), "h.example");
    assert.equal(hostHeader(parseUrl("http://h.example:80/")), "h.example");
    assert.equal(hostHeader(parseUrl("https://h.example:80/")), "h.example:80");
  });
});

describe("a redirect's Location", () => {
  const base = parseUrl("https://h.example:8443/rel/app.bin?secret=1");
  const cases: [string, string][] = [
    ["https://other.example/x?y", "https://other.example:443/x?y"],
    ["http://other.example/x", "http://other.example:80/x"],
    ["//other.example/x", "https://other.example:443/x"],
    ["/x?y", "https://h.example:8443/x?y"],
    ["other.bin", "https://h.example:8443/rel/other.bin"],
    ["?z=2", "https://h.example:8443/rel/app.bin?z=2"],
  ];
  for (const [location, expected] of cases) {
    it(`${location} leads to ${expected}`, () => {
      const { scheme, host, port, target } = resolveLocation(base, location);
      assert.equal(`${scheme}://${host}:${port}${target}`, expected);
    });
  }
  // RFC 3986 5.4.1 and 5.4.2; a fragment is never sent.
  const examples: [string, string][] = [
    ["g", "/b/c/g"],
    ["./g", "/b/c/g"],
    ["g/", "/b/c/g/"],
    ["/g", "/g"],
    ["?y", "/b/c/d;p?y"],
    ["g?y", "/b/c/g?y"],
    ["#s", "/b/c/d;p?q"],
    ["g#s", "/b/c/g"],
    ["g?y#s", "/b/c/g?y"],
    [";x", "/b/c/;x"],
    ["g;x", "/b/c/g;x"],
    ["g;x?y#s", "/b/c/g;x?y"],
    ["", "/b/c/d;p?q"],
    [".", "/b/c/"],
    ["./", "/b/c/"],
    ["..", "/b/"],
    ["../", "/b/"],
    ["../g", "/b/g"],
    ["../..", "/"],
    ["../../", "/"],
    ["../../g", "/g"],
    ["../../../g", "/g"],
    ["../../../../g", "/g"],
    ["/./g", "/g"],
    ["/../g", "/g"],
    ["g.", "/b/c/g."],
    [".g", "/b/c/.g"],
    ["g..", "/b/c/g.."],
    ["..g", "/b/c/..g"],
    ["./../g", "/b/g"],
    ["./g/.", "/b/c/g/"],
    ["g/./h", "/b/c/g/h"],
    ["g/../h", "/b/c/h"],
    ["g;x=1/./y", "/b/c/g;x=1/y"],
    ["g;x=1/../y", "/b/c/y"],
    ["g?y/./x", "/b/c/g?y/./x"],
    ["g?y/../x", "/b/c/g?y/../x"],
    ["g#s/./x", "/b/c/g"],
    ["g#s/../x", "/b/c/g"],
  ];
  for (const [location, target] of examples) {
    it(`${JSON.stringify(location)} is read as RFC 3986 reads it`, () => {
      assert.deepEqual(resolveLocation(parseUrl("http://a/b/c/d;p?q"), location), {
        scheme: "http",
        host: "a",
        port: 80,
        target,
      });
    });
  }

  it("of another host is read as RFC 3986 reads it", () => {
    const at = parseUrl("http://a/b/c/d;p?q");
    assert.deepEqual({ ...resolveLocation(at, "//g"), port: 0 }, { scheme: "http", host: "g", port: 0, target: "/" });
    assert.equal(resolveLocation(at, "https://h/x/../y/./z?a/../b").target, "/y/z?a/../b");
  });

  it("keeps empty segments, which name other objects", () => {
    assert.equal(resolveLocation(base, "/a//b/../c").target, "/a//c");
  });

  for (const location of ["g:h", "http:g", "mailto:a@b", "https://", "/a b", "/a\r\nb"]) {
    it(`${JSON.stringify(location)} is refused`, () => {
      assert.throws(() => resolveLocation(base, location), { code: "bad-url" });
    });
  }
});
