import assert from "node:assert/strict";
import { keepFileSetting, readFileSetting, type SettingStore } from "../../modules/foundation/file-setting.js";
import { hexFromBytes } from "../../modules/foundation/hex.js";

const MAX_NAME_LENGTH = 15;
const MAX_TEXT_BYTES = 3999;
/** An NVS partition of 24 KB keeps one of its six pages free. */
const ROOM_BYTES = 5 * 4000;

/** NVS as far as settings see it. After `writesLeft` writes the power is off: further ones do nothing but throw. */
class Nvs implements SettingStore {
  readonly texts = new Map<string, string>();
  writes = 0;
  writesLeft = Number.POSITIVE_INFINITY;
  largestBytes = 0;

  get(name: string): string | undefined {
    return this.texts.get(name);
  }

  set(name: string, text: string): void {
    assert(name.length <= MAX_NAME_LENGTH, name);
    assert(text.length <= MAX_TEXT_BYTES, `${name}: ${text.length}`);
    this.#write();
    this.texts.set(name, text);
    const bytes = [...this.texts.values()].reduce((sum, one) => sum + one.length, 0);
    this.largestBytes = Math.max(this.largestBytes, bytes);
  }

  delete(name: string): void {
    this.#write();
    this.texts.delete(name);
  }

  #write(): void {
    if (this.writesLeft === 0) throw new Error("power cut");
    this.writesLeft -= 1;
    this.writes += 1;
  }
}

function fileOf(byteLength: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, index) => (index * 31 + seed * 7 + (index >> 8)) & 0xff);
}

const LENGTHS = [0, 1, 1999, 2000, 2999, 3000, 3001, 4500, 6000];
const NAME = "certificate";

describe("a file among the settings", () => {
  for (const byteLength of LENGTHS) {
    it(`of ${byteLength} bytes is read as it was kept, and not written twice`, () => {
      const nvs = new Nvs();
      const file = fileOf(byteLength, 1);
      keepFileSetting(nvs, NAME, file);
      assert.deepEqual(readFileSetting(nvs, NAME), file);
      const { writes } = nvs;
      keepFileSetting(nvs, NAME, file);
      assert.equal(nvs.writes, writes);
    });
  }

  it("of more than 6000 bytes is refused, and what was there stays", () => {
    const nvs = new Nvs();
    keepFileSetting(nvs, NAME, fileOf(4000, 1));
    assert.throws(() => keepFileSetting(nvs, NAME, fileOf(6001, 2)), RangeError);
    assert.deepEqual(readFileSetting(nvs, NAME), fileOf(4000, 1));
  });

  it("that an earlier firmware kept, in hexadecimal digits, is read", () => {
    const nvs = new Nvs();
    nvs.set(NAME, hexFromBytes(fileOf(1200, 1)));
    assert.deepEqual(readFileSetting(nvs, NAME), fileOf(1200, 1));
  });

  it("of up to 1999 bytes is kept as an earlier firmware reads it", () => {
    const nvs = new Nvs();
    keepFileSetting(nvs, NAME, fileOf(1999, 1));
    assert.deepEqual([...nvs.texts], [[NAME, hexFromBytes(fileOf(1999, 1))]]);
  });

  it("is found complete, the old one or the new, after a power cut at any write", () => {
    for (const from of LENGTHS) {
      for (const to of LENGTHS) {
        const [before, after] = [fileOf(from, 1), fileOf(to, 2)];
        let cuts = 0;
        for (let writesLeft = 0; ; writesLeft++) {
          const nvs = new Nvs();
          keepFileSetting(nvs, NAME, before);
          nvs.writesLeft = writesLeft;
          const isDone = attempt(() => keepFileSetting(nvs, NAME, after));
          const found = readFileSetting(nvs, NAME);
          const what = `${from} to ${to} bytes, cut at ${writesLeft}`;
          assert.deepEqual(found, isDone || sameBytes(found, after) ? after : before, what);
          nvs.writesLeft = Number.POSITIVE_INFINITY;
          keepFileSetting(nvs, NAME, after);
          assert.deepEqual(readFileSetting(nvs, NAME), after, what);
          assert.equal(nvs.texts.size, to <= 1999 ? 1 : 1 + Math.ceil(to / 1500), `${what}: what is left over`);
          assert(nvs.largestBytes <= ROOM_BYTES, `${what}: ${nvs.largestBytes} bytes`);
          if (isDone) break;
          cuts += 1;
        }
        assert(cuts > 0 || from + to === 0, `${from} to ${to} bytes`);
      }
    }
  });

  it("is found complete after a second cut while the first is mended", () => {
    const [before, after] = [fileOf(4500, 1), fileOf(6000, 2)];
    for (let first = 0; first < 12; first++) {
      for (let second = 0; second < 12; second++) {
        const nvs = new Nvs();
        keepFileSetting(nvs, NAME, before);
        for (const [writesLeft, file] of [
          [first, after],
          [second, fileOf(3000, 3)],
        ] as const) {
          nvs.writesLeft = writesLeft;
          attempt(() => keepFileSetting(nvs, NAME, file));
          const found = readFileSetting(nvs, NAME);
          const whole = [before, after, fileOf(3000, 3)].some((one) => sameBytes(found, one));
          assert(whole, `cut at ${first} and ${second}`);
        }
      }
    }
  });

  for (const [what, change] of Object.entries<(nvs: Nvs) => void>({
    "a part is missing": (nvs) => nvs.texts.delete(`${NAME}.a1`),
    "a part is shorter": (nvs) => nvs.texts.set(`${NAME}.a1`, "AAAA"),
    "a part is no base64": (nvs) => nvs.texts.set(`${NAME}.a1`, "!".repeat(2000)),
    "its number of parts is wrong": (nvs) => nvs.texts.set(NAME, "parts:a:9:4500"),
    "its length is too large": (nvs) => nvs.texts.set(NAME, "parts:a:7:9999"),
    "its text is something else": (nvs) => nvs.texts.set(NAME, "parts"),
  })) {
    it(`is none when ${what}, and is kept anew`, () => {
      const nvs = new Nvs();
      keepFileSetting(nvs, NAME, fileOf(4500, 1));
      change(nvs);
      assert.equal(readFileSetting(nvs, NAME), undefined);
      keepFileSetting(nvs, NAME, fileOf(4500, 1));
      assert.deepEqual(readFileSetting(nvs, NAME), fileOf(4500, 1));
    });
  }

  it("does not touch one of another name", () => {
    const nvs = new Nvs();
    keepFileSetting(nvs, "key", fileOf(3000, 1));
    keepFileSetting(nvs, NAME, fileOf(3000, 2));
    keepFileSetting(nvs, NAME, fileOf(10, 3));
    assert.deepEqual(readFileSetting(nvs, "key"), fileOf(3000, 1));
  });
});

function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    assert(error instanceof Error && error.message === "power cut", String(error));
    return false;
  }
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
