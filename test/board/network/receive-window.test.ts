import assert from "node:assert/strict";
import { ReceiveWindow } from "../../../host-sim/board/network/receive-window.js";

describe("the receive window", () => {
  it("shows as much as fits, in order, and the rest when bytes are consumed", () => {
    const window = new ReceiveWindow(4, false);
    window.add(Uint8Array.of(1, 2, 3));
    window.add(Uint8Array.of(4, 5, 6));
    assert.equal(window.reveal(), true);
    assert.deepEqual([...window.visible], [1, 2, 3, 4]);
    assert.equal(window.length, 6);
    assert.equal(window.reveal(), false);
    window.consume(3);
    assert.equal(window.reveal(), true);
    assert.deepEqual([...window.visible], [4, 5, 6]);
  });

  it("shows one record at a time, however long, when it goes by records", () => {
    const window = new ReceiveWindow(4, true);
    window.add(new Uint8Array(10));
    window.add(new Uint8Array(3));
    assert.equal(window.reveal(), true);
    assert.equal(window.visible.length, 10);
    window.consume(9);
    assert.equal(window.reveal(), false);
    window.consume(1);
    assert.equal(window.reveal(), true);
    assert.equal(window.visible.length, 3);
  });

  it("refuses to consume more than is visible, or less than nothing", () => {
    const window = new ReceiveWindow(4, false);
    window.add(new Uint8Array(8));
    window.reveal();
    assert.throws(() => window.consume(5), /invalid/);
    assert.throws(() => window.consume(-1), /invalid/);
  });

  it("takes no notice of empty chunks", () => {
    const window = new ReceiveWindow(4, false);
    window.add(new Uint8Array(0));
    assert.equal(window.reveal(), false);
    assert.equal(window.length, 0);
  });
});
