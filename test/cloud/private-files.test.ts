import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePrivateFile, makePrivateFolder, writeFileAtomically } from "../../host-sim/cloud/files/index.js";
import { startLocalAws } from "../../host-sim/cloud/index.js";
import { openToOthers, UMASKS, withUmask } from "../support/modes.js";

describe("private files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "private-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const umask of UMASKS) {
    describe(`with umask 0${umask.toString(8).padStart(2, "0")}`, () => {
      it("keep others out of all that a cloud writes, whether its folder is new or was there, open to all", async function () {
        this.timeout(30_000);
        for (const existed of [false, true]) {
          const dir = join(folder, existed ? "old" : "new");
          if (existed) {
            for (const path of ["", "state", "pki", "things", "things/pump", "objects"]) {
              mkdirSync(join(dir, path));
              chmodSync(join(dir, path), 0o777);
            }
            for (const file of ["state/state.lmdb", "state/state.lmdb-lock"]) {
              writeFileSync(join(dir, file), "");
              chmodSync(join(dir, file), 0o666);
            }
          }
          await withUmask(umask, async () => {
            const cloud = await startLocalAws({ dir });
            await cloud.createDevice("pump");
            await cloud.operator.send({ service: "s3", method: "PUT", target: "/images" });
            await cloud.operator.send({ service: "s3", method: "PUT", target: "/images/a", body: Buffer.from("a") });
            assert.deepEqual(openToOthers(dir), []);
            await cloud.close();
          });
          assert.deepEqual(openToOthers(dir), []);
        }
      });

      it("are private when they appear, under the name they are written by, too", async () => {
        const seen: string[] = [];
        const watcher = watch(folder, (_event, name) => {
          if (name !== null) seen.push(...openIfThere(join(folder, name)));
        });
        await withUmask(umask, () => writeFileAtomically(join(folder, "key"), "secret"));
        await new Promise((resolve) => setImmediate(resolve));
        watcher.close();
        assert.deepEqual(seen, []);
        assert.equal(statSync(join(folder, "key")).mode & 0o777, 0o600);
      });
    });
  }

  it("keep what is in them when they are made private", () => {
    const path = join(folder, "state");
    writeFileSync(path, "kept", { mode: 0o644 });
    makePrivateFile(path);
    assert.equal(readFileSync(path, "utf8"), "kept");
    assert.deepEqual(openToOthers(path), []);
  });

  it("are not put into a folder that all users share, whose mode stays", () => {
    chmodSync(folder, 0o1777);
    assert.throws(() => makePrivateFolder(folder), /shared by all users/);
    assert.equal(statSync(folder).mode & 0o7777, 0o1777);
  });

  it("are not put into what is no folder", () => {
    writeFileSync(join(folder, "file"), "");
    assert.throws(() => makePrivateFolder(join(folder, "file")), /EEXIST/);
  });
});

function openIfThere(path: string): string[] {
  try {
    return openToOthers(path);
  } catch {
    return []; // renamed meanwhile
  }
}
