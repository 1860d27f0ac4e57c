import assert from "node:assert/strict";
import { asFotaError, FotaError } from "../../modules/aws-fota/errors.js";
import { type FotaEvent, type FotaState, TRANSITIONS, transition } from "../../modules/aws-fota/fota-state.js";
import { reconcileRejection, viewOfExecution } from "../../modules/aws-fota/reconcile.js";
import {
  failureDetails,
  percent,
  progressDetails,
  safeText,
  statusDetails,
  successDetails,
} from "../../modules/aws-fota/status-details.js";
import { AwsJobsError } from "../../modules/aws-jobs/index.js";
import { checkStatusDetails } from "../../modules/aws-jobs/status-details.js";
import { FotaDownloadError } from "../../modules/fota-download/index.js";
import { OtaPartitionError } from "../../modules/ota-partition/index.js";

const states = Object.keys(TRANSITIONS) as FotaState[];
const events = [...new Set(Object.values(TRANSITIONS).flatMap((row) => Object.keys(row)))] as FotaEvent[];

describe("the state table", () => {
  it("leads everywhere from idle, and back to idle from everywhere", () => {
    const reach = (from: FotaState) => {
      const seen = new Set<FotaState>([from]);
      for (const state of seen) for (const { next } of Object.values(TRANSITIONS[state])) seen.add(next);
      return seen;
    };
    assert.deepEqual([...reach("idle")].sort(), [...states].sort());
    for (const state of states) assert.ok(reach(state).has("idle"), state);
  });
  it("answers each pair of state and event with a transition or with undefined, never with an exception", () => {
    for (const state of states) {
      for (const event of events) {
        const found = transition(state, event);
        if (found !== undefined) assert.ok(states.includes(found.next));
      }
    }
  });
  it("does not know events that objects inherit", () => {
    for (const event of ["constructor", "toString", "__proto__"])
      assert.equal(transition("idle", event as FotaEvent), undefined);
  });
  it("R5, R6: sets the boot flag after a proof and a store only", () => {
    for (const [state, row] of Object.entries(TRANSITIONS)) {
      for (const [event, { effects }] of Object.entries(row)) {
        const at = effects.indexOf("set-boot");
        if (at < 0) continue;
        assert.deepEqual([state, event], ["verifying", "verified"]);
        assert.ok(effects.indexOf("store") < at);
      }
    }
  });
  it("R7: marks valid after a passed self-test only", () => {
    for (const [state, row] of Object.entries(TRANSITIONS)) {
      for (const [event, { effects }] of Object.entries(row)) {
        if (effects.includes("mark-valid")) assert.deepEqual([state, event], ["testing", "self-test-passed"]);
      }
    }
  });
  it("R8: stores before it sends a terminal status, or has stored before", () => {
    for (const row of Object.values(TRANSITIONS)) {
      for (const [event, { effects }] of Object.entries(row)) {
        const send = effects.indexOf("send-terminal");
        if (send >= 0 && event !== "rollback-impossible")
          assert.ok(effects.indexOf("store") >= 0 && effects.indexOf("store") < send, event);
      }
    }
  });
  it("takes the boot flag back on every way out of installing and installed", () => {
    for (const state of ["installing", "installed"] as const)
      for (const { next, effects } of Object.values(TRANSITIONS[state]))
        assert.ok(next === "installed" || effects.includes("unset-boot"), `${state} -> ${next}`);
  });
  it("says installed only after the boot flag was set, or was found set", () => {
    for (const [state, row] of Object.entries(TRANSITIONS))
      for (const [event, { next }] of Object.entries(row))
        if (next === "installed" && state !== "installed")
          assert.ok(event === "boot-flag-set" || event === "boot-flag-found", `${state}, ${event}`);
  });
  it("R1: asks $next on every way back to idle, unless the service has just said that it has nothing", () => {
    for (const row of Object.values(TRANSITIONS)) {
      for (const [event, { next, effects }] of Object.entries(row))
        if (next === "idle") assert.equal(effects.at(-1), event === "nothing-pending" ? "tell-idle" : "ask-next");
    }
  });
  it("tells the application that it is idle when the service has nothing, and only then", () => {
    for (const row of Object.values(TRANSITIONS))
      for (const [event, { effects }] of Object.entries(row))
        assert.equal(effects.includes("tell-idle"), event === "nothing-pending");
  });
});

describe("reconcileRejection", () => {
  const state = (status: "IN_PROGRESS" | "QUEUED" | "CANCELED" | "TIMED_OUT") => ({
    status,
    statusDetails: {},
    versionNumber: 7,
  });
  const rows: readonly [Parameters<typeof reconcileRejection>[0], number, string][] = [
    [{ code: "VersionMismatch", executionState: state("IN_PROGRESS") }, 0, "resend"],
    [{ code: "VersionMismatch", executionState: state("QUEUED") }, 2, "resend"],
    [{ code: "VersionMismatch", executionState: state("IN_PROGRESS") }, 3, "give-up"],
    [{ code: "VersionMismatch", executionState: state("CANCELED") }, 9, "over"],
    [{ code: "VersionMismatch" }, 0, "look"],
    [{ code: "InvalidStateTransition", executionState: state("TIMED_OUT") }, 0, "over"],
    [{ code: "InvalidStateTransition", executionState: state("IN_PROGRESS") }, 0, "look"],
    [{ code: "InvalidStateTransition" }, 3, "give-up"],
    [{ code: "TerminalStateReached" }, 0, "over"],
    [{ code: "TerminalStateReached", executionState: state("IN_PROGRESS") }, 0, "over"],
    [{ code: "ResourceNotFound" }, 0, "look"],
    [{ code: "ResourceNotFound" }, 3, "later"],
    [{ code: "malformed-response" }, 0, "look"],
    [{ code: "RequestThrottled" }, 9, "later"],
    [{ code: "InternalError" }, 0, "later"],
    [{ code: "timeout" }, 0, "later"],
    [{ code: "too-many-requests" }, 0, "later"],
    [{ code: "subscribe-refused" }, 0, "later"],
    [{ code: "disconnected" }, 0, "wait"],
    [{ code: "InvalidRequest" }, 0, "give-up"],
    [{ code: "InvalidJson" }, 0, "give-up"],
    [{ code: "InvalidTopic" }, 0, "give-up"],
    [{ code: "payload-too-large" }, 0, "give-up"],
    [{ code: "invalid-argument" }, 0, "give-up"],
  ];
  for (const [error, resends, kind] of rows) {
    it(`${error.code}, ${error.executionState?.status ?? "no state"}, resent ${resends} times: ${kind}`, () => {
      assert.equal(reconcileRejection(error, resends).kind, kind);
    });
  }
});

describe("viewOfExecution", () => {
  const ours = { executionNumber: 2, versionNumber: 5, queuedAt: 7 };
  const seen = (
    executionNumber: number,
    versionNumber: number,
    status: "QUEUED" | "IN_PROGRESS" | "CANCELED" | "SUCCEEDED" = "IN_PROGRESS",
    queuedAt = 7,
  ) => {
    const view = viewOfExecution(ours, { executionNumber, versionNumber, status, queuedAt });
    return view.kind === "over" ? view.code : view.kind;
  };
  it("lives at the same or a later version", () =>
    assert.deepEqual([seen(2, 5), seen(2, 6, "QUEUED")], ["alive", "alive"]));
  it("is stale at an earlier version or run", () =>
    assert.deepEqual([seen(2, 4), seen(1, 9), seen(1, 9, "CANCELED")], ["stale", "stale", "stale"]));
  it("is over for good, however late the message", () =>
    assert.deepEqual([seen(2, 3, "CANCELED"), seen(2, 6, "SUCCEEDED")], ["job-canceled", "job-ended"]));
  it("is replaced by a later run", () => assert.equal(seen(3, 1, "QUEUED"), "job-replaced"));
  it("is replaced by a job that was queued later under its name, and by nothing else that is queued", () => {
    assert.deepEqual([seen(2, 1, "QUEUED", 8), seen(2, 6, "QUEUED", 6)], ["job-replaced", "alive"]);
    assert.deepEqual([seen(2, 6, "IN_PROGRESS", 8), seen(2, 1, "IN_PROGRESS", 8)], ["alive", "stale"]);
    const old = { executionNumber: 2, versionNumber: 5, queuedAt: undefined };
    const queued = { executionNumber: 2, versionNumber: 6, status: "QUEUED", queuedAt: 9 } as const;
    assert.equal(viewOfExecution(old, queued).kind, "alive");
  });
});

describe("statusDetails", () => {
  const bill = { bytes: 1, requests: 2, erases: 3, stores: 4, seconds: 0, retries: 0, reconnects: 0 };
  it("never has more than ten pairs, nor any that the service refuses", () => {
    const details = statusDetails({
      "bad key": "x",
      "": "x",
      ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i])),
    });
    assert.equal(Object.keys(details).length, 10);
    assert.ok(!("bad key" in details));
    checkStatusDetails(details);
  });
  it("has room for everything that a failure can say", () => {
    const details = failureDetails(
      "rolled-back",
      "why",
      { from: "1", to: "2" },
      { reset: "panic", selfTest: "connected", bill },
    );
    assert.deepEqual(Object.keys(details), [
      "code",
      "detail",
      "from",
      "to",
      "reset",
      "selfTest",
      "bytes",
      "requests",
      "erases",
      "stores",
    ]);
  });
  it("leaves out what is not known", () => {
    assert.deepEqual(progressDetails("downloading", { from: "1", to: undefined }), { state: "downloading", from: "1" });
    assert.deepEqual(failureDetails("x", "", { from: "1" }), { code: "x", from: "1" });
    assert.equal(successDetails({ from: "1", to: "2" }, "ota_1", bill).slot, "ota_1");
  });
  for (const [text, safe] of [
    ["plain", "plain"],
    ["", "-"],
    ["\n\t", "-"],
    ["a\r\nb\u0000c", "a b c"],
    ["naïve", "na ve"],
    ["get https://h.example/p?X-Amz-Signature=1 failed", "get https://h.example failed"],
    ["https://user:pass@h/p", "https://h"],
    ["path p?X-Amz-Credential=AKIA", "path [presigned]"],
    ["-----BEGIN PRIVATE KEY-----\nMII", "[key]"],
    ["x".repeat(500), "x".repeat(128)],
  ] as const) {
    it(`R11: ${JSON.stringify(text).slice(0, 40)} is said as ${safe.slice(0, 30)}`, () =>
      assert.equal(safeText(text), safe));
  }
  it("says 100% only when all is there", () => {
    assert.deepEqual(
      [percent(999, 1000), percent(1000, 1000), percent(0, 0), percent(5, 3)],
      ["99%", "100%", "0%", "100%"],
    );
  });
});

describe("errors", () => {
  it("R12: keeps the codes of the modules below", () => {
    assert.equal(asFotaError(new FotaDownloadError("not-found"), "internal-error").code, "not-found");
    assert.equal(asFotaError(new OtaPartitionError("image-magic", "x"), "internal-error").code, "image-magic");
    assert.equal(asFotaError(new AwsJobsError("timeout", "x"), "internal-error").code, "timeout");
    assert.equal(asFotaError(new Error("x"), "install-failed").code, "install-failed");
    assert.equal(asFotaError("text", "internal-error").detail, "text");
  });
  it("looks through a sink that threw", () => {
    const cause = new OtaPartitionError("flash-write-failed", "x");
    assert.equal(
      asFotaError(new FotaDownloadError("sink-failed", "", { cause }), "internal-error").code,
      "flash-write-failed",
    );
  });
  it("says the code once", () => {
    assert.equal(asFotaError(new FotaDownloadError("dns", "no host"), "internal-error").message, "dns: no host");
    assert.equal(new FotaError("refused").message, "refused");
    assert.equal(new FotaError("refused", "busy").detail, "busy");
  });
});
