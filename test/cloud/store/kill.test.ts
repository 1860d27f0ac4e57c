import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLmdbStore } from "../../../host-sim/cloud/store/lmdb-store.js";

const WRITER = fileURLToPath(new URL("counting-writer.ts", import.meta.url));
const ROUNDS = 8;

/**
 * Lets the writer acknowledge some numbers, kills it in the middle of its work, and returns the last one it
 * acknowledged.
 */
function writeUntilKilled(directory: string, atLeast: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", WRITER, directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    let lines = 0;
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text: string) => {
      output += text;
      lines += text.split("\n").length - 1;
      if (lines >= atLeast) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      if (signal !== "SIGKILL") reject(new Error(`the writer ended by itself (${signal})`));
      // What follows the last line end was cut off: it was not acknowledged.
      else resolve(Number(output.split("\n").at(-2)));
    });
  });
}

describe("The store on disk, its process killed", () => {
  const directory = mkdtempSync(join(tmpdir(), "aws-fota-kill-"));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it(`loses no acknowledged change and shows no half transaction in ${ROUNDS} kills`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await writeUntilKilled(directory, 20 + round * 37);
      const store = openLmdbStore(directory);
      const apart = store.get(["apart"]);
      const pair = store.get(["pair", "first"]);
      assert(typeof apart === "number" && typeof pair === "number");
      assert(apart >= acknowledged, `round ${round}: ${acknowledged} acknowledged, ${apart} stored`);
      assert(pair === apart || pair === apart + 1);
      assert.equal(store.get(["pair", "second"]), pair);
      assert.equal([...store.list(["log"])].length, pair);
      store.close();
    }
  });
});
