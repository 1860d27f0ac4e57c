import assert from "node:assert/strict";
import { MemoryStore, partitionsFromCsv } from "../../modules/esp32-sim/index.js";
import { SlotVerifier, SlotWriter, type VerifiedImage } from "../../modules/ota-partition/index.js";
import { formatSimDevice, openSimDevice, type SimDevice } from "../../modules/ota-partition/sim/index.js";
import { TWO_SLOTS } from "../esp32-sim/support/chip.js";
import { failure, imageOfSize, NodeDigest } from "./support/images.js";
import { ManualTimer } from "./support/manual-timer.js";

function formatted(): MemoryStore {
  const store = new MemoryStore(0x40000);
  const partitions = partitionsFromCsv(TWO_SLOTS);
  formatSimDevice({ store, Digest: NodeDigest, partitions, version: "1.0.1", project: "writer-test", imageSize: 3000 });
  return store;
}

function start(store: MemoryStore, resetReason?: string): SimDevice {
  return openSimDevice({
    store,
    Digest: NodeDigest,
    restart: () => {},
    ...(resetReason !== undefined && { resetReason }),
  });
}

function install(device: SimDevice, image: Uint8Array): VerifiedImage {
  device.boot.begin();
  const flash = device.openSlot();
  const writer = new SlotWriter({ flash, size: image.length, limit: device.boot.next().size });
  writer.write(image);
  writer.finish();
  const done: VerifiedImage[] = [];
  const timer = new ManualTimer();
  const onError = (error: Error) => assert.fail(error.message);
  const verifier = new SlotVerifier({
    flash,
    size: image.length,
    Digest: NodeDigest,
    timer,
    onDone: (result) => done.push(result),
    onError,
  });
  verifier.start();
  timer.drain();
  flash.close();
  device.boot.setBoot();
  const [result] = done;
  assert.ok(result);
  return result;
}

describe("simulated device for Moddable's simulator", () => {
  it("boots the formatted slot with its version", () => {
    const device = start(formatted());
    assert.equal(device.boot.running().version, "1.0.1");
    assert.equal(device.boot.running().label, "ota_0");
    assert.equal(device.boot.resetReason(), "power-on");
    assert.equal(device.boot.next().version, undefined);
  });

  it("takes an update through restart, probation and confirmation", () => {
    const store = formatted();
    assert.equal(install(start(store), imageOfSize(20000)).version, "1.2.3");
    const tested = start(store, "software");
    assert.equal(tested.boot.running().version, "1.2.3");
    assert.equal(tested.boot.running().state, "PENDING_VERIFY");
    assert.equal(tested.boot.resetReason(), "software");
    tested.boot.markValid();
    assert.equal(start(store).boot.running().state, "VALID");
  });

  it("rolls back when the restart comes before the confirmation", () => {
    const store = formatted();
    install(start(store), imageOfSize(20000));
    start(store);
    const after = start(store);
    assert.equal(after.boot.running().version, "1.0.1");
    assert.equal(after.boot.next().state, "ABORTED");
  });

  it("calls restart after a rejection", () => {
    const store = formatted();
    install(start(store), imageOfSize(20000));
    let restarts = 0;
    const device = openSimDevice({
      store,
      Digest: NodeDigest,
      restart: () => {
        restarts += 1;
      },
    });
    device.boot.markInvalidAndRestart();
    assert.equal(restarts, 1);
    assert.equal(start(store).boot.running().label, "ota_0");
  });

  it("throws on its slot where a driver would report an error, and after close", () => {
    const slot = start(formatted()).openSlot();
    assert.throws(() => slot.read(new Uint8Array(2), 0xffff), /ESP_ERR_INVALID_SIZE/);
    assert.throws(() => slot.write(new Uint8Array(2), 0x10001), /ESP_ERR_INVALID_ARG/);
    assert.throws(() => slot.eraseBlock(16), /ESP_ERR_INVALID_SIZE/);
    slot.close();
    slot.close();
    assert.throws(() => slot.status(), SyntaxError);
    assert.throws(() => slot.write(new Uint8Array(2), 0), SyntaxError);
  });

  it("says that nothing boots instead of resetting for ever", () => {
    assert.throws(() => start(new MemoryStore(0x40000)), failure("boot-control-failed"));
  });

  it("needs no rollback", () => {
    const device = openSimDevice({ store: formatted(), Digest: NodeDigest, restart: () => {}, rollback: false });
    assert.equal(device.boot.rollbackEnabled(), false);
  });
});
