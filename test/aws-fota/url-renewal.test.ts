import assert from "node:assert/strict";
import { continuationAfter, UrlRenewal } from "../../modules/aws-fota/url-renewal.js";
import { FotaDownloadError } from "../../modules/fota-download/index.js";
import { VirtualTimer } from "../support/virtual-timer.js";

const EXPIRED = new FotaDownloadError("url-expired", "403");
const NO_HOST = new FotaDownloadError("dns", "no host");
const GONE = new FotaDownloadError("not-found", "404");

function renewal(connected = true) {
  const timer = new VirtualTimer();
  const seen = { asked: 0, givenUp: [] as string[], connected };
  const subject = new UrlRenewal({
    timer,
    isConnected: () => seen.connected,
    ask: () => {
      seen.asked += 1;
    },
    onGivenUp: ({ code }) => seen.givenUp.push(code),
  });
  return { timer, seen, subject };
}

describe("continuationAfter", () => {
  for (const [error, connected, renewals, expected] of [
    [EXPIRED, true, 0, "renew"],
    [EXPIRED, false, 0, "renew"],
    [EXPIRED, true, 1, "fail"],
    [NO_HOST, true, 0, "fail"],
    [NO_HOST, false, 0, "reconnect"],
    [GONE, false, 9, "fail"],
  ] as const) {
    it(`${error.code}, ${connected ? "connected" : "no connection"}, ${renewals} renewals: ${expected}`, () => {
      assert.equal(continuationAfter(error, connected, renewals), expected);
    });
  }
});

describe("UrlRenewal", () => {
  it("grants one fresh URL for each byte gained, and no second one at the same byte", () => {
    const { subject } = renewal();
    const at = (position: number) => subject.judge(EXPIRED, position);
    assert.deepEqual([at(100), at(100), at(101), at(101)], ["renew", "fail", "renew", "fail"]);
  });
  it("asks at once, then each minute, until it is stopped", () => {
    const { timer, seen, subject } = renewal();
    subject.judge(EXPIRED, 1);
    subject.begin();
    assert.equal(seen.asked, 1);
    timer.advance(120_000);
    assert.equal(seen.asked, 3);
    subject.stop();
    timer.advance(600_000);
    assert.deepEqual([seen.asked, timer.pending], [3, 0]);
  });
  it("leaves the asking to the connection when the whole network is away, and does not count that time", () => {
    const { timer, seen, subject } = renewal(false);
    assert.equal(subject.judge(NO_HOST, 1), "reconnect");
    subject.begin();
    assert.equal(seen.asked, 0);
    timer.advance(100 * 60_000);
    assert.deepEqual(seen.givenUp, []);
    seen.connected = true;
    timer.advance(10 * 60_000);
    assert.deepEqual(seen.givenUp, ["dns"]);
  });
  it("gives up after ten answers without a URL that can be used, once", () => {
    const { timer, seen, subject } = renewal();
    subject.judge(EXPIRED, 1);
    subject.begin();
    timer.advance(3_600_000);
    assert.deepEqual([seen.givenUp, timer.pending], [["url-expired"], 0]);
  });
  it("begins nothing that was judged a failure", () => {
    const { timer, seen, subject } = renewal();
    subject.judge(GONE, 1);
    subject.begin();
    assert.deepEqual([seen.asked, timer.pending], [0, 0]);
  });
});
