import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { makePatch } from "fota-operator/patch";
import { DEFAULT_PARTS } from "../../modules/aws-fota/parts.js";
import { PatchFeed } from "../../modules/aws-fota/patch-feed.js";
import { ScriptFrameDecoder } from "../../modules/fota-patch/script-frame-decoder.js";
import { codeLike } from "../support/patch-images.js";
import { VirtualTimer } from "../support/virtual-timer.js";

class CountedFrames extends ScriptFrameDecoder {
  begun = 0;

  override begin(imageOffset: number, length: number, baseSize: number): void {
    this.begun++;
    super.begin(imageOffset, length, baseSize);
  }
}

describe("the feed of a patch", () => {
  it("has its frames decoded by what the ports give for it", () => {
    const image = codeLike(100_000);
    const bytes = makePatch({ to: image });
    const frames = new CountedFrames();
    const made: number[] = [];
    const timer = new VirtualTimer();
    const feed = new PatchFeed({
      timer,
      parts: DEFAULT_PARTS,
      patch: { size: bytes.length, url: "https://images.test/patch", base: undefined },
      imageSize: image.length,
      imageDigest: createHash("sha256").update(image).digest("hex"),
      flash: undefined,
      frames,
      from: undefined,
      written: 0,
      write: (piece) => made.push(...piece),
      hasRoom: () => true,
      onReady: () => {},
      onFailed: (error) => assert.fail(String(error)),
    });
    for (let at = 0; at < bytes.length; at += 512) {
      const part = bytes.subarray(at, at + 512);
      const space = feed.space ?? assert.fail("it is busy");
      space.set(part);
      feed.take(space.subarray(0, part.length));
      timer.advance(1000);
    }
    feed.finish();
    assert.deepEqual(Uint8Array.from(made), image);
    assert.equal(frames.begun, 2);
  });
});
