import assert from "node:assert/strict";
import { MemoryFuse } from "../../modules/esp32-sim/index.js";
import { trustingImage } from "./support/images.js";
import { FIRST, SECOND, scenario } from "./support/scenario.js";

const image = (version: string, secureVersion: number, app: "sample" | "scenario" = "sample") =>
  trustingImage({ app, version, secureVersion });

describe("anti-rollback", () => {
  it("refuses an image below the eFuse by its first bytes, before anything is erased", async () => {
    const antiRollback = new MemoryFuse(2);
    await scenario({ image: await image(FIRST, 2), board: { antiRollback } }, async (run) => {
      await run.publish({ image: await image(SECOND, 1) });
      run.endsWith("REJECTED", "secure-version");
      const { erases, detail } = run.details();
      assert.equal(erases, "0");
      assert.equal(detail, "image has 1, the chip starts 2 on");
      assert.ok(run.wire.httpBytes < 65_536, `${run.wire.httpBytes} bytes of the image were loaded`);
    });
  });

  it("raises the eFuse once an image is confirmed, and no job goes below it any more", async () => {
    const antiRollback = new MemoryFuse(0);
    const config = { allowDowngrade: true, allowForcedDowngrade: true };
    const options = { config, image: await image(FIRST, 0, "scenario"), board: { antiRollback } };
    await scenario(options, async (run) => {
      await run.publish({ image: await image(SECOND, 3, "scenario") });
      run.untilState("testing");
      assert.equal(antiRollback.level(), 0, "an image on trial can still be rolled back");
      run.succeeds();
      assert.equal(antiRollback.level(), 3);
      await run.publish({
        jobId: "back",
        version: FIRST,
        image: await image(FIRST, 2, "scenario"),
        document: { force: true },
      });
      run.endsWith("REJECTED", "secure-version", "back");
      await run.publish({ jobId: "on", version: FIRST, image: await image(FIRST, 3, "scenario") });
      run.succeeds(FIRST, "on");
    });
  });

  it("takes an old image out of the hands of whoever writes the flash by cable", async () => {
    const antiRollback = new MemoryFuse(1);
    await scenario({ image: await image(FIRST, 0), board: { antiRollback }, off: true }, (run) => {
      run.world.board.powerOn();
      run.until(() => run.world.board.state === "stuck", "the bootloader finds nothing that it can start");
      assert.equal(run.version, undefined);
    });
  });
});
