import assert from "node:assert/strict";
import { hasExpired, presignedLifetime } from "../../modules/fota-download/presigned-url.js";

const SIGNED = Date.UTC(2026, 0, 1, 10, 0, 0);
const LIFETIME = { signedAt: SIGNED, lifetime: 600_000 };

describe("a presigned URL's lifetime", () => {
  it("is read from X-Amz-Date and X-Amz-Expires", () => {
    const target =
      "/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T100000Z&X-Amz-Expires=600&X-Amz-Signature=s";
    assert.deepEqual(presignedLifetime(target), LIFETIME);
  });

  it("is read in any order of the parameters", () => {
    assert.deepEqual(presignedLifetime("/a?X-Amz-Expires=600&X-Amz-Date=20260101T100000Z"), LIFETIME);
  });

  for (const target of [
    "/a",
    "/a?X-Amz-Date=20260101T100000Z",
    "/a?X-Amz-Expires=600",
    "/X-Amz-Date=20260101T100000Z&X-Amz-Expires=600",
    "/a?NotX-Amz-Date=20260101T100000Z&X-Amz-Expires=600",
    "/a?X-Amz-Date=2026-01-01&X-Amz-Expires=600",
    "/a?X-Amz-Date=20261301T100000Z&X-Amz-Expires=600",
    "/a?X-Amz-Date=20260101T100000Z&X-Amz-Expires=0",
    "/a?X-Amz-Date=20260101T100000Z&X-Amz-Expires=604801",
    "/a?X-Amz-Date=20260101T100000Z&X-Amz-Expires=-1",
    "/a?X-Amz-Date=20260101T100000Z&X-Amz-Expires=",
  ]) {
    it(`is unknown for ${target}`, () => assert.equal(presignedLifetime(target), undefined));
  }

  it("has not expired while it is young, whatever the clock shows", () => {
    for (const now of [0, SIGNED - 86_400_000, SIGNED + 60_000, SIGNED + 86_400_000]) {
      assert.equal(hasExpired(LIFETIME, 60_000, now), false, String(now));
    }
  });

  it("has expired by its age even with a clock at 1970", () => {
    assert.equal(hasExpired(LIFETIME, 600_000, 600_000), true);
  });

  it("expires a moment early, because a request takes a while to arrive", () => {
    assert.equal(hasExpired(LIFETIME, 594_999, 0), false);
    assert.equal(hasExpired(LIFETIME, 595_000, 0), true);
  });

  it("has expired by a clock that made sense when it arrived", () => {
    // Signed 8 minutes before it arrived, 3 minutes ago.
    assert.equal(hasExpired(LIFETIME, 180_000, SIGNED + 660_000), true);
  });

  it("does not believe a clock that calls it expired at arrival", () => {
    assert.equal(hasExpired(LIFETIME, 180_000, SIGNED + 10_000_000), false);
  });
});
