import assert from "node:assert/strict";
import fc from "fast-check";
import { FotaDownloadError } from "../../../modules/fota-download/errors.js";
import { isHostAllowed, parseAllowedHosts } from "../../../modules/fota-download/host-rules.js";
import { hasExpired, presignedLifetime } from "../../../modules/fota-download/presigned-url.js";
import {
  type DownloadUrl,
  hostHeader,
  parseUrl,
  redactUrl,
  resolveLocation,
} from "../../../modules/fota-download/url.js";
import { textTarget } from "../../support/fuzz/fuzz-target.js";
import { assertSafeMessage, outcomeOf } from "../../support/fuzz/invariants.js";
import { mutatedText } from "../../support/fuzz/mutations.js";

const BASE = parseUrl("https://firmware.example/rel/app.bin?X-Amz-Signature=secret");
const TOKENS = [
  ":443",
  ":0",
  ":65536",
  "[::1]",
  "user:secret@",
  "/..",
  "http://",
  "HTTPS://",
  ".",
  "xn--",
  "X-Amz-Date=",
];

const urls = fc.constantFrom(
  "https://b.s3.eu-west-1.amazonaws.com/app.bin?X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=secret",
  "http://localhost:8080/a/b?c#d",
  "HTTPS://FIRMWARE.example.:8443",
  "https://127.0.0.1/secret",
  "//other.example/secret",
  "/secret?X-Amz-Expires=604800&X-Amz-Date=20251231T235959Z",
  "next/secret.bin",
  "?X-Amz-Signature=secret",
);

const urlCode = (error: unknown): string | undefined => (error instanceof FotaDownloadError ? error.code : undefined);

function assertUrl(url: DownloadUrl): void {
  const { scheme, host, port, target } = url;
  assert.ok(scheme === "http" || scheme === "https");
  // What is in brackets is refused as a host, whichever address it is.
  assert.match(host, /^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])$/);
  if (host.startsWith("["))
    assert.ok(!isHostAllowed(host, undefined) && !isHostAllowed(host, parseAllowedHosts(["h"])));
  assert.ok(Number.isInteger(port) && port >= 1 && port <= 65_535);
  // Nothing that would end or split the request line.
  assert.match(target, /^\/[\x21-\x22\x24-\x7e]*$/);
  assert.deepEqual(parseUrl(`${scheme}://${host}:${port}${target}`), url, "it says the same again");
  assert.equal(redactUrl(url), `${scheme}://${hostHeader(url)}`);
}

/** A browser's reader of URLs must not find another host in what is accepted: so filters of hosts are passed by. */
function assertSameHost(text: string, { host, port }: DownloadUrl): void {
  const other = URL.canParse(text) ? new URL(text) : undefined;
  // It reads numbers as IPv4 in forms that no resolver of ours knows, and refuses some labels.
  if (other === undefined || /^(?:[0-9.[]|0x)/.test(host) || /^[0-9.]+$/.test(other.hostname)) return;
  assert.equal(other.hostname, host);
  assert.equal(other.port === "" ? (other.protocol === "https:" ? 443 : 80) : Number(other.port), port);
}

const hasDots = ({ target }: DownloadUrl): boolean =>
  (target.split("?")[0] ?? "").split("/").some((segment) => segment === "." || segment === "..");

/** An absolute Location leads where it says, without the segments that are dots. */
function assertWithoutDots(resolved: DownloadUrl, said: DownloadUrl): void {
  assert.deepEqual({ ...resolved, target: "" }, { ...said, target: "" });
  if (hasDots(said)) assert.ok(!hasDots(resolved), `${resolved.target} of ${said.target}`);
  else assert.equal(resolved.target, said.target);
}

export const downloadUrls = textTarget({
  name: "url",
  reads: "URLs in job documents and Location headers",
  reaches: ["absolute", "relative", "bad-url"],
  data: mutatedText(urls, { tokens: TOKENS }),
  check: (text) => {
    const absolute = outcomeOf(() => parseUrl(text), urlCode);
    if (absolute.kind === "value") {
      assertUrl(absolute.value);
      assertSameHost(text, absolute.value);
      assertWithoutDots(resolveLocation(BASE, text), absolute.value);
      return "absolute";
    }
    assert.equal(absolute.code, "bad-url");
    assertSafeMessage(absolute.message, 80);
    assert.equal(redactUrl(text), "(not a URL)");
    const relative = outcomeOf(() => resolveLocation(BASE, text), urlCode);
    if (relative.kind === "error") {
      assert.equal(relative.code, "bad-url");
      assertSafeMessage(relative.message, 80);
      return relative.code;
    }
    assertUrl(relative.value);
    assert.equal(relative.value.scheme, BASE.scheme);
    assert.ok(!hasDots(relative.value) || /^[?#]|^$/.test(text), "no segment is a dot");
    if (!text.startsWith("//")) assert.equal(relative.value.host, BASE.host, "a path stays with its host");
    return "relative";
  },
});

export const presignedUrls = textTarget({
  name: "presigned-url",
  reads: "date and life of presigned URLs",
  reaches: ["lifetime", "none"],
  data: mutatedText(urls, { tokens: ["X-Amz-Date=", "X-Amz-Expires=", "&", "20260230T250000Z"] }),
  check: (text, salt) => {
    const signed = presignedLifetime(text);
    if (signed === undefined) return "none";
    assert.ok(Number.isFinite(signed.signedAt));
    assert.ok(signed.lifetime >= 1000 && signed.lifetime <= 604_800_000);
    assert.equal(typeof hasExpired(signed, salt % 1_000_000_000, Date.UTC(2026, 0, 1)), "boolean");
    assert.ok(hasExpired(signed, signed.lifetime, 0), "it does not outlive its life");
    return "lifetime";
  },
});
