import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDirectory } from "../../host-sim/cloud/server/directory-lock.js";

describe("the lock of a cloud's folder", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "aws-fota-lock-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("is held until released", () => {
    const release = lockDirectory(dir);
    assert.throws(() => lockDirectory(dir), /another local cloud uses .* \(process \d+\)/);
    release();
    lockDirectory(dir)();
  });

  it("is taken over from a process that is gone, and from a damaged file", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    for (const content of [`${pid}`, `${pid} 1`, "nonsense", ""]) {
      writeFileSync(join(dir, "cloud.lock"), content);
      lockDirectory(dir)();
    }
  });

  it("is taken over when another process has the number now", () => {
    const release = lockDirectory(dir);
    const [pid, started] = readFileSync(join(dir, "cloud.lock"), "utf8").split(" ");
    release();
    // Without /proc there is no start time to tell them apart by.
    if (started === undefined) return;
    writeFileSync(join(dir, "cloud.lock"), `${pid} ${Number(started) + 1}`);
    lockDirectory(dir)();
  });
});
