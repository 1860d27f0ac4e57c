import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPatch } from "../../host-sim/commands/patch.js";
import { codeLike, nextBuild } from "../support/patch-images.js";
import { rebuild } from "../support/rebuild.js";

const base = codeLike(120_000);
const next = nextBuild(base, 30_000, 100);

let folder = "";
const said: { out: string[]; err: string[] } = { out: [], err: [] };
const output = { out: (line: string) => void said.out.push(line), err: (line: string) => void said.err.push(line) };
const path = (name: string) => join(folder, name);
const patch = (...argv: string[]) => runPatch(argv, output);
const images = () => ["--from", path("old.bin"), "--to", path("new.bin")];

describe("npm run patch", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "patch-"));
    writeFileSync(path("old.bin"), base);
    writeFileSync(path("new.bin"), next);
    said.out = [];
    said.err = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("writes a patch that gives the new image, and says its share of it", async () => {
    assert.equal(await patch(...images(), "--out", path("p")), 0);
    const bytes = new Uint8Array(readFileSync(path("p")));
    assert.deepEqual(rebuild({ base, patch: bytes, imageSize: next.length }).image, next);
    assert.match(said.out.join("\n"), new RegExp(`${bytes.length} bytes, \\d\\.\\d\\d % of ${next.length}, made in`));
    assert.match(said.out.join("\n"), /for the image of 120000 bytes/);
  });

  it("compresses the image where there is no --from", async () => {
    assert.equal(await patch("--to", path("new.bin"), "--out", path("p")), 0);
    const bytes = new Uint8Array(readFileSync(path("p")));
    assert.deepEqual(rebuild({ patch: bytes, imageSize: next.length }).image, next);
    assert.match(said.out.join("\n"), /needs no base/);
  });

  async function refuses(exit: number, message: RegExp, ...argv: string[]): Promise<void> {
    assert.equal(await patch(...argv), exit);
    assert.deepEqual(said.out, []);
    assert.equal(said.err.length, 1);
    assert.match(said.err[0] ?? "", message);
    assert.equal(existsSync(path("p")), false);
    said.err = [];
  }

  it("refuses what makes no sense, in one line that names it", async () => {
    const out = ["--out", path("p")];
    await refuses(2, /--to/, "--from", path("old.bin"), ...out);
    await refuses(2, /--out/, ...images());
    await refuses(2, /--from.*nowhere/, "--from", path("nowhere"), "--to", path("new.bin"), ...out);
    await refuses(2, /same image/, "--from", path("new.bin"), "--to", path("new.bin"), ...out);
    await refuses(2, /would replace/, ...images(), "--out", path("old.bin"));
    writeFileSync(path("empty"), "");
    await refuses(2, /--to.*empty/, "--to", path("empty"), ...out);
    writeFileSync(path("huge"), new Uint8Array(16_777_217));
    await refuses(2, /longer than/, "--to", path("huge"), ...out);
    assert.deepEqual(new Uint8Array(readFileSync(path("old.bin"))), base);
  });

  it("refuses a patch in the place of an image", async () => {
    assert.equal(await patch(...images(), "--out", path("earlier")), 0);
    said.out = [];
    await refuses(2, /--to.*patch itself/, "--from", path("old.bin"), "--to", path("earlier"), "--out", path("p"));
  });

  it("writes nothing that is as long as the image", async () => {
    writeFileSync(path("noise"), randomBytes(10_000));
    await refuses(1, /encrypted/, "--from", path("old.bin"), "--to", path("noise"), "--out", path("p"));
  });
});
