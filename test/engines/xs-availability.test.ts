import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xsAvailable, xsEngine } from "../../host-sim/engines/index.js";
import { WorkerGone, WorkerProcess } from "../../host-sim/engines/xs/worker-process.js";

describe("xsAvailable", () => {
  it("takes the binary that the environment names", () => {
    assert.deepEqual(xsAvailable({ XSNAP_WORKER: process.execPath }), { available: true, worker: process.execPath });
  });

  it("says so when that cannot be executed", () => {
    const answer = xsAvailable({ XSNAP_WORKER: "/nowhere/xsnap-worker" });
    assert.ok(!answer.available && answer.reason.includes("/nowhere/xsnap-worker"));
  });

  it("gives either a binary or a reason in words", () => {
    const answer = xsAvailable({});
    assert.ok(answer.available ? answer.worker.endsWith("xsnap-worker") : answer.reason.length > 10);
  });

  it("makes xsEngine fail with the reason", async () => {
    await assert.rejects(xsEngine({ worker: "/nowhere/xsnap-worker" }), /XS is not available: XSNAP_WORKER names/);
  });
});

describe("WorkerProcess", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "worker-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function script(body: string): WorkerProcess {
    const path = join(folder, "worker");
    writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return new WorkerProcess(path, []);
  }

  it("reads messages that arrive in pieces or together", () => {
    const worker = script(`printf '3:ab' >&4; sleep 0.05; printf 'c,2:d:,0:,' >&4; read x <&3`);
    const received = [worker.receive(), worker.receive(), worker.receive()].map((bytes) =>
      Buffer.from(bytes).toString(),
    );
    assert.deepEqual(received, ["abc", "d:", ""]);
    worker.kill();
    worker.kill();
  });

  it("reports the exit code and the last words of a worker that ends", () => {
    const worker = script(`echo dying >&2; exit 11`);
    assert.throws(
      () => worker.receive(),
      (error) => error instanceof WorkerGone && error.code === 11 && error.log === "dying\n",
    );
  });

  it("reports a worker that cannot be started", () => {
    const worker = new WorkerProcess(join(folder, "missing"), []);
    assert.throws(
      () => worker.receive(),
      (error) => error instanceof WorkerGone && error.code === 127,
    );
  });

  it("refuses a peer that speaks something else", () => {
    const worker = script(`echo 'this is not a netstring: at all' >&4; read x <&3`);
    assert.throws(() => worker.receive(), /speaks something else/);
    worker.kill();
  });
});
