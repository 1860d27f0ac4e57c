import assert from "node:assert/strict";
import type { FotaDownloadErrorCode } from "../../modules/fota-download/errors.js";
import { decideRetry, retryAfter } from "../../modules/fota-download/retry-plan.js";

const STATE = { attempts: 1, maxAttempts: 8, baseMs: 1000, capMs: 60_000 };

describe("the retry plan", () => {
  const passing: FotaDownloadErrorCode[] = [
    "dns",
    "connect",
    "tls",
    "disconnected",
    "response-timeout",
    "idle-timeout",
    "too-slow",
    "throttled",
    "server-error",
    "bad-response",
  ];
  for (const code of passing) {
    it(`tries again after ${code}`, () => assert.equal(decideRetry(code, STATE, 0.5).kind, "retry"));
  }
  const final: FotaDownloadErrorCode[] = [
    "url-expired",
    "access-denied",
    "not-found",
    "request-refused",
    "content-changed",
    "range-not-satisfiable",
    "size-mismatch",
    "too-large",
    "redirect",
    "insecure-url",
    "bad-url",
    "sink-failed",
  ];
  for (const code of final) {
    it(`gives up at once after ${code}`, () => assert.deepEqual(decideRetry(code, STATE, 0.5), { kind: "fail" }));
  }

  it("waits anywhere between nothing and the doubled bound", () => {
    assert.deepEqual(decideRetry("dns", { ...STATE, attempts: 3 }, 0), { kind: "retry", delayMs: 0 });
    assert.deepEqual(decideRetry("dns", { ...STATE, attempts: 3 }, 0.999), { kind: "retry", delayMs: 3996 });
  });

  it("bounds the delay", () => {
    const almost = 1 - Number.EPSILON;
    assert.deepEqual(
      [1, 2, 3, 7, 100].map((attempts) => decideRetry("dns", { ...STATE, attempts, maxAttempts: 101 }, almost)),
      [1000, 2000, 4000, 60_000, 60_000].map((delayMs) => ({ kind: "retry", delayMs })),
    );
  });

  it("waits an eighth of it when a connection broke that had brought something, once", () => {
    const broken = { ...STATE, gotOn: true };
    assert.deepEqual(decideRetry("disconnected", broken, 0.8), { kind: "retry", delayMs: 100 });
    assert.deepEqual(decideRetry("disconnected", { ...broken, gotOn: false }, 0.8), { kind: "retry", delayMs: 800 });
    assert.deepEqual(decideRetry("disconnected", { ...broken, attempts: 2 }, 0.8), { kind: "retry", delayMs: 1600 });
    assert.deepEqual(decideRetry("server-error", broken, 0.8), { kind: "retry", delayMs: 800 });
  });

  it("waits at least as long as the server asks, and spreads", () => {
    const state = { ...STATE, retryAfterMs: 20_000 };
    assert.deepEqual(decideRetry("throttled", state, 0), { kind: "retry", delayMs: 20_000 });
    assert.deepEqual(decideRetry("throttled", state, 0.5), { kind: "retry", delayMs: 20_500 });
  });

  it("waits a quarter of an hour at most for a server that asks for days", () => {
    assert.deepEqual(decideRetry("throttled", { ...STATE, retryAfterMs: 1e9 }, 0), { kind: "retry", delayMs: 900_000 });
  });

  it("ends after the attempts allowed", () => {
    assert.equal(decideRetry("dns", { ...STATE, attempts: 7 }, 0).kind, "retry");
    assert.equal(decideRetry("dns", { ...STATE, attempts: 8 }, 0).kind, "exhausted");
  });

  it("calls a server wrong after three bad responses", () => {
    assert.equal(decideRetry("bad-response", { ...STATE, attempts: 2 }, 0).kind, "retry");
    assert.equal(decideRetry("bad-response", { ...STATE, attempts: 3 }, 0).kind, "fail");
  });
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1);

  it("is read in the two older forms of a date", () => {
    assert.equal(retryAfter("Thursday, 01-Jan-26 00:01:00 GMT", "Thu Jan  1 00:00:30 2026", now), 30_000);
  });

  it("is read as seconds", () => assert.equal(retryAfter("120", undefined, now), 120_000));

  it("is read as a date, against the response's own Date", () => {
    assert.equal(retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", now), 30_000);
  });

  it("is read as a date against the clock without one", () => {
    assert.equal(retryAfter("Thu, 01 Jan 2026 00:01:00 GMT", undefined, now), 60_000);
  });

  it("means at once for a date in the past", () => {
    assert.equal(retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", undefined, now), 0);
  });

  for (const value of [
    undefined,
    "",
    "-1",
    "1.5",
    "soon",
    "99999999999",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 anF 1994 08:49:37 GMT",
  ]) {
    it(`says nothing as ${value}`, () => assert.equal(retryAfter(value, undefined, now), undefined));
  }
});
