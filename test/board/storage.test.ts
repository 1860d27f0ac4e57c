import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBoard, FlashFile, KeyValueStore, VirtualClock } from "../../host-sim/board/index.js";
import { openToOthers, UMASKS, withUmask } from "../support/modes.js";
import { programImage, QuietNetwork } from "../support/program-board.js";

describe("storage of the board", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "board-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  describe("FlashFile", () => {
    const MIB = 1 << 20;

    it("is made of the initial contents and then keeps its own", () => {
      const path = join(folder, "flash.bin");
      new FlashFile(path, new Uint8Array(MIB).fill(7)).close();
      const again = new FlashFile(path, new Uint8Array(MIB).fill(9));
      assert.deepEqual([...again.read(MIB - 2, 2)], [7, 7]);
      again.close();
    });

    it("has every write in the file when write() returns, without being closed", () => {
      const path = join(folder, "flash.bin");
      const flash = new FlashFile(path, new Uint8Array(MIB));
      flash.write(5000, Uint8Array.of(1, 2, 3));
      assert.deepEqual([...readFileSync(path).subarray(4999, 5004)], [0, 1, 2, 3, 0]);
      flash.close();
      flash.close();
    });

    it("refuses a file that is no flash chip", () => {
      const path = join(folder, "flash.bin");
      writeFileSync(path, "hello");
      assert.throws(() => new FlashFile(path), /5 bytes: not a flash image/);
      truncateSync(path, 3 * MIB);
      assert.throws(() => new FlashFile(path), /not a flash image/);
      assert.equal(readFileSync(path).length, 3 * MIB, "the file is left as it was");
    });

    it("does not make a file out of nothing", () => {
      const path = join(folder, "missing.bin");
      assert.throws(() => new FlashFile(path), /ENOENT/);
      assert.equal(existsSync(path), false);
    });
  });

  describe("KeyValueStore", () => {
    it("keeps values of each type in its file", () => {
      const path = join(folder, "nvs.json");
      const store = new KeyValueStore(path);
      store.set("fota", "record", "{}");
      store.set("fota", "count", -5);
      store.set("fota", "on", true);
      store.set("other", "bytes", Uint8Array.of(0, 255));
      const again = new KeyValueStore(path);
      assert.deepEqual(again.snapshot(), {
        fota: { record: "{}", count: -5, on: true },
        other: { bytes: Uint8Array.of(0, 255) },
      });
      again.delete("fota", "count");
      assert.deepEqual(new KeyValueStore(path).keys("fota"), ["record", "on"]);
    });

    it("leaves no half-written file behind", () => {
      const path = join(folder, "nvs.json");
      new KeyValueStore(path).set("a", "b", "c");
      assert.deepEqual(readdirSync(folder), ["nvs.json"]);
    });

    it("gives out copies of bytes", () => {
      const store = new KeyValueStore();
      const bytes = Uint8Array.of(1);
      store.set("a", "b", bytes);
      bytes[0] = 2;
      assert.deepEqual(store.get("a", "b"), Uint8Array.of(1));
    });

    it("refuses what NVS refuses", () => {
      const store = new KeyValueStore();
      assert.throws(() => store.set("a", "sixteen_letters_", 1), /KEY_TOO_LONG/);
      assert.throws(() => store.set("sixteen_letters_", "a", 1), /KEY_TOO_LONG/);
      assert.throws(() => store.get("a", ""), /INVALID_NAME/);
      assert.throws(() => store.set("a", "b", 0.5), /float/);
      assert.throws(() => store.set("a", "b", 2 ** 31), /float/);
      assert.throws(() => store.set("a", "b", "ä".repeat(2000)), /too long/);
      assert.deepEqual(store.snapshot(), {});
    });

    it("refuses a file that is something else", () => {
      const path = join(folder, "nvs.json");
      for (const text of ["[]", "{", '{"a":1}', '{"a":{"b":null}}', '{"a":{"b":{"hex":"00"}}}']) {
        writeFileSync(path, text);
        assert.throws(() => new KeyValueStore(path));
      }
    });
  });

  for (const umask of UMASKS) {
    it(`is closed to others with umask 0${umask.toString(8).padStart(2, "0")}, also where it was open`, async () => {
      const flashFile = join(folder, "board", "flash.bin");
      const image = programImage("", "1.0.0");
      for (const round of ["new", "again"]) {
        await withUmask(umask, async () => {
          const board = await createBoard({
            flashFile,
            ...(round === "new" ? { image } : {}),
            clock: new VirtualClock(),
            network: new QuietNetwork(),
          });
          board.powerCut();
          new KeyValueStore(`${flashFile}.nvs.json`).set("device", "key", "00");
        });
        assert.deepEqual(openToOthers(join(folder, "board")), [], round);
        chmodSync(join(folder, "board"), 0o755);
        chmodSync(flashFile, 0o644);
        chmodSync(`${flashFile}.nvs.json`, 0o644);
      }
    });
  }

  it("leaves a folder open that holds other things", async () => {
    writeFileSync(join(folder, "notes.txt"), "");
    chmodSync(folder, 0o755);
    const image = programImage("", "1.0.0");
    (
      await createBoard({
        flashFile: join(folder, "flash.bin"),
        image,
        clock: new VirtualClock(),
        network: new QuietNetwork(),
      })
    ).powerCut();
    assert.equal(statSync(folder).mode & 0o777, 0o755);
    assert.deepEqual(openToOthers(join(folder, "flash.bin")), []);
  });
});
