import assert from "node:assert/strict";
import { type ImageInfo, SlotWriter, type SlotWriterOptions } from "../../modules/ota-partition/index.js";
import { failure, imageOfSize, smallImage } from "./support/images.js";
import { StrictFlash } from "./support/strict-flash.js";

const SLOT = 0x40000;
const image = imageOfSize(150000);

function writer(flash: StrictFlash, options: Partial<SlotWriterOptions> = {}): SlotWriter {
  return new SlotWriter({ flash, size: image.length, limit: SLOT, ...options });
}

function feed(to: SlotWriter, bytes: Uint8Array, piece: number, from = 0): void {
  for (let at = from; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece);
    assert.equal(to.write(part), part.length);
  }
}

const stored = (flash: StrictFlash): Uint8Array => flash.bytes.subarray(0, image.length);

describe("slot writer", () => {
  for (const piece of [1000, 1436, 4096, 5000, 150000]) {
    it(`brings an image to flash in chunks of ${piece} bytes`, () => {
      const flash = new StrictFlash(SLOT);
      const to = writer(flash);
      feed(to, image, piece);
      to.finish();
      assert.deepEqual(stored(flash), image);
      assert.equal(to.written, image.length);
    });
  }

  it("erases 64 KiB ahead and writes whole sectors", () => {
    const flash = new StrictFlash(SLOT);
    const to = writer(flash);
    feed(to, image, 1000);
    to.finish();
    assert.deepEqual(flash.erases(), ["0-65536", "65536-131072", "131072-196608"]);
    const writes = flash.log.filter(({ kind }) => kind === "write");
    assert.equal(writes.length, Math.ceil(image.length / 4096));
    assert.ok(writes.slice(0, -1).every(({ start, end }) => end - start === 4096));
  });

  it("tells position and written apart", () => {
    const flash = new StrictFlash(SLOT);
    const to = writer(flash);
    to.write(image.subarray(0, 70000));
    assert.equal(to.position, 70000);
    assert.equal(to.written, 69632);
  });

  it("goes on at a resume point over what an earlier run left there", () => {
    const flash = new StrictFlash(SLOT);
    const first = writer(flash);
    first.write(image.subarray(0, 100000));
    first.close();
    const second = writer(flash, { offset: first.written });
    feed(second, image, 3000, first.written);
    second.finish();
    assert.deepEqual(stored(flash), image);
  });

  it("writes the same image again over itself", () => {
    const flash = new StrictFlash(SLOT);
    for (let round = 0; round < 2; round += 1) {
      const to = writer(flash);
      feed(to, image, 4096);
      to.finish();
    }
    assert.deepEqual(stored(flash), image);
  });

  it("never touches what lies beyond the image's last block or the slot", () => {
    const small = smallImage();
    const flash = new StrictFlash(0x3000);
    const to = writer(flash, { size: small.length });
    to.write(small);
    to.finish();
    assert.deepEqual(flash.erases(), ["0-4096"]);
    assert.ok(flash.bytes.subarray(4096).every((byte) => byte === 0x5a));
  });

  it("fills a slot to its last byte", () => {
    const flash = new StrictFlash(0x28000);
    const full = imageOfSize(0x28000);
    const to = writer(flash, { size: full.length });
    feed(to, full, 4096);
    to.finish();
    assert.deepEqual(flash.bytes, full);
    assert.deepEqual(flash.erases().slice(-2), ["131072-147456", "147456-163840"]);
  });

  describe("judging the image", () => {
    it("tells what the image is before anything is erased", () => {
      const flash = new StrictFlash(SLOT);
      const seen: ImageInfo[] = [];
      const to = writer(flash, { onImage: (info) => seen.push(info) });
      to.write(image.subarray(0, 287));
      assert.equal(seen.length, 0);
      to.write(image.subarray(287, 288));
      assert.equal(seen[0]?.version, "1.2.3");
      feed(to, image, 4096, 288);
      assert.equal(seen.length, 1);
    });

    it("touches nothing when the image is refused by its header", () => {
      const flash = new StrictFlash(SLOT);
      assert.throws(() => writer(flash).write(new Uint8Array(10000)), failure("image-magic"));
      const chip = writer(flash, { chipId: 9 });
      assert.throws(() => chip.write(image), failure("image-chip"));
      assert.deepEqual(flash.log, []);
    });

    it("lets the caller refuse by throwing", () => {
      const flash = new StrictFlash(SLOT);
      const to = writer(flash, {
        onImage: () => {
          throw new RangeError("same version");
        },
      });
      assert.throws(() => to.write(image), /same version/);
      assert.throws(() => to.write(image), failure("closed"));
      assert.deepEqual(flash.log, []);
    });

    it("judges again out of flash when it resumes", () => {
      const flash = new StrictFlash(SLOT);
      const first = writer(flash);
      first.write(image.subarray(0, 65536));
      const seen: ImageInfo[] = [];
      const second = writer(flash, { offset: 65536, onImage: (info) => seen.push(info) });
      second.write(image.subarray(65536, 65537));
      assert.equal(seen[0]?.project, "writer-test");
    });

    it("does not go on after the beginning was lost", () => {
      const flash = new StrictFlash(SLOT);
      const to = writer(flash, { offset: 65536 });
      assert.throws(() => to.write(image.subarray(65536, 70000)), failure("image-magic"));
      assert.deepEqual(flash.log, []);
    });
  });

  describe("when flash fails", () => {
    for (const [operation, code] of [
      [1, "flash-erase-failed"],
      [2, "flash-write-failed"],
      [18, "flash-erase-failed"],
      [19, "flash-erase-failed"], // the last block goes with the one before it
      [20, "flash-write-failed"],
    ] as const) {
      it(`counts only what flash took before operation ${operation} and says ${code}`, () => {
        const flash = new StrictFlash(SLOT);
        flash.failAt = operation;
        const to = writer(flash);
        assert.throws(() => feed(to, image, 1436), failure(code));
        const writes = flash.log.slice(0, operation - 1).filter(({ kind }) => kind === "write").length;
        assert.equal(to.written, writes * 4096);
        assert.equal(to.position, to.written);
        assert.throws(() => to.write(Uint8Array.of(1)), failure("closed"));
      });
    }

    it("completes with a new writer from the resume point, whatever operation failed", () => {
      const count = 3 + Math.ceil(image.length / 4096);
      for (let operation = 1; operation <= count; operation += 1) {
        const flash = new StrictFlash(SLOT);
        flash.failAt = operation;
        const first = writer(flash);
        try {
          feed(first, image, 5000);
          first.finish();
          assert.fail("the failure shows");
        } catch (error) {
          assert.ok(failure("flash-write-failed")(error) || failure("flash-erase-failed")(error), String(error));
        }
        flash.failAt = undefined;
        const second = writer(flash, { offset: first.written });
        feed(second, image, 5000, first.written);
        second.finish();
        assert.deepEqual(stored(flash), image);
      }
    });

    it("keeps the driver's error as cause", () => {
      const flash = new StrictFlash(SLOT);
      flash.failAt = 1;
      assert.throws(
        () => writer(flash).write(image),
        (error) => error instanceof Error && error.cause instanceof Error && error.cause.message === "erase failed",
      );
    });
  });

  describe("refuses", () => {
    const refused = (title: string, code: Parameters<typeof failure>[0], options: Partial<SlotWriterOptions>) =>
      it(title, () => {
        const flash = new StrictFlash(SLOT);
        assert.throws(() => writer(flash, options), failure(code));
        assert.deepEqual(flash.log, []);
      });
    refused("an image larger than the smaller slot", "image-too-large", { limit: image.length - 1 });
    refused("an image larger than this slot", "image-too-large", { size: SLOT + 1, limit: 2 * SLOT });
    refused("a size no image has", "image-too-small", { size: 287 });
    refused("a size that is no number of bytes", "bad-option", { size: Number.NaN });
    refused("an offset inside a sector", "bad-option", { offset: 4000 });
    refused("a blank part that ends inside a sector", "bad-option", { erasedTo: 4000 });
    refused("a blank part beyond the slot", "bad-option", { erasedTo: SLOT + 4096 });
    refused("a negative offset", "bad-option", { offset: -65536 });
    refused("an offset beyond the image", "bad-option", { offset: 196608 });

    it("flash with other blocks", () => {
      const flash = new StrictFlash(SLOT);
      flash.status = () => ({ size: SLOT, blockLength: 1024 });
      assert.throws(() => writer(flash), failure("bad-option"));
    });

    it("flash that does not answer", () => {
      const flash = new StrictFlash(SLOT);
      flash.status = () => {
        throw new Error("gone");
      };
      assert.throws(() => writer(flash), failure("flash-read-failed"));
    });

    it("more bytes than announced", () => {
      const to = writer(new StrictFlash(SLOT), { size: 5000 });
      to.write(image.subarray(0, 5000));
      assert.throws(() => to.write(Uint8Array.of(0)), failure("image-too-large"));
    });

    it("to finish a short image", () => {
      const flash = new StrictFlash(SLOT);
      const to = writer(flash);
      to.write(image.subarray(0, 149999));
      assert.throws(() => to.finish(), failure("image-truncated"));
    });

    it("everything after finish and after close, which may come twice", () => {
      const to = writer(new StrictFlash(SLOT));
      feed(to, image, 4096);
      to.finish();
      assert.throws(() => to.finish(), failure("closed"));
      const other = writer(new StrictFlash(SLOT));
      other.close();
      other.close();
      assert.throws(() => other.write(image), failure("closed"));
    });
  });
});
