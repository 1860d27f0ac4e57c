import assert from "node:assert/strict";
import { BoardFlash } from "../../host-sim/board/board-flash.js";
import { newCounters } from "../../host-sim/board/counters.js";
import type { CutPlan } from "../../host-sim/board/index.js";
import { StepCounter } from "../../host-sim/board/steps.js";
import { BoardHalt } from "../../host-sim/engines/index.js";
import { BLOCK_SIZE, Esp32SimError, MemoryStore, SECTOR_SIZE } from "../../modules/esp32-sim/index.js";

function bench(plan?: CutPlan) {
  const store = new MemoryStore(new Uint8Array(1 << 20).fill(0));
  const steps = new StepCounter(
    () => {},
    () => false,
  );
  steps.plan = plan;
  const counters = newCounters();
  let busy = 0;
  const flash = new BoardFlash(store, steps, counters, (ms) => {
    busy += ms;
  });
  return { store, flash, counters, steps, busy: () => busy };
}

describe("BoardFlash", () => {
  it("counts sector and block erases, writes and bytes", () => {
    const { flash, counters, steps } = bench();
    flash.erase(0, BLOCK_SIZE);
    flash.erase(BLOCK_SIZE, SECTOR_SIZE);
    flash.write(0, new Uint8Array(300));
    assert.equal(steps.count, 3);
    assert.deepEqual(
      [
        counters.blocksErased,
        counters.sectorsErased,
        counters.bytesErased,
        counters.flashWrites,
        counters.bytesWritten,
      ],
      [1, 1, BLOCK_SIZE + SECTOR_SIZE, 1, 300],
    );
  });

  it("takes its time", () => {
    const { flash, busy } = bench();
    flash.erase(0, SECTOR_SIZE);
    assert.equal(busy(), 45);
    flash.erase(0, BLOCK_SIZE);
    assert.equal(busy(), 195);
    flash.write(0, new Uint8Array(4096));
    assert.equal(busy(), 202);
  });

  it("does nothing for an empty write", () => {
    const { flash, steps } = bench();
    flash.write(0, new Uint8Array(0));
    assert.equal(steps.count, 0);
  });

  it("refuses what is outside the chip or not whole sectors", () => {
    const { flash } = bench();
    assert.throws(() => flash.write(1 << 20, new Uint8Array(1)), Esp32SimError);
    assert.throws(() => flash.erase(1, SECTOR_SIZE), Esp32SimError);
    assert.throws(() => flash.read(-1, 4), Esp32SimError);
  });

  it("tears a write into a prefix and one byte with some of its bits", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { flash, store } = bench({ step: 2, where: "torn", seed });
      flash.erase(0, SECTOR_SIZE);
      assert.throws(() => flash.write(0, new Uint8Array(64).fill(0x5a)), BoardHalt);
      const left = [...store.read(0, 65)];
      const cut = left.findIndex((byte) => byte !== 0x5a);
      assert.ok(cut >= 0 && cut < 64);
      assert.equal(((left[cut] ?? 0) & 0x5a) === 0x5a, true);
      assert.ok(left.slice(cut + 1).every((byte) => byte === 0xff));
    }
  });

  it("tears an erase into a blank prefix and raised bits, the same ones for the same seed", () => {
    const states = new Set<string>();
    for (let seed = 1; seed <= 9; seed += 1) {
      const torn = () => {
        const { flash, store } = bench({ step: 1, where: "torn", seed });
        assert.throws(() => flash.erase(0, BLOCK_SIZE), BoardHalt);
        return Buffer.from(store.read(0, BLOCK_SIZE)).toString("latin1");
      };
      const state = torn();
      assert.equal(state, torn());
      assert.notEqual(state, "\0".repeat(BLOCK_SIZE));
      states.add(state);
    }
    assert.equal(states.size, 9);
  });
});
