import assert from "node:assert/strict";
import { PeerDevice } from "../../bench/peers/peer-device.js";
import { STRATEGIES } from "../../bench/peers/strategies.js";
import { boundOf } from "../../bench/update/bound.js";
import { FLASH_MODEL, LINKS, type LinkModel, PAGE, SECTOR, widened } from "../../bench/update/models.js";

const KIB = 1024;
const BLOCK = 64 * KIB;

/** Fifty links of all kinds, the same ones each time. */
function manyLinks(): LinkModel[] {
  let state = 7;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return Array.from({ length: 50 }, (_, index) => ({
    name: `link ${index}`,
    roundTripMs: 2 * Math.ceil(random() ** 3 * 400 + 1),
    bytesPerSecond: 10_000 * 300 ** random(),
    window: 1436 * (2 + Math.floor(random() * 40)),
  }));
}

/**
 * As much like the ideal as a program with a buffer without end can be: everything read at once, the flash in the gaps.
 */
function eager(device: PeerDevice, eraseBlocks: boolean): void {
  device.connect();
  device.request(0, device.size);
  let received = 0;
  let written = 0;
  let erased = 0;
  while (written < device.size) {
    if (received < device.size && (device.available > 0 || received - written < SECTOR)) {
      received += device.read(device.size - received);
      continue;
    }
    if (erased <= written) {
      const length = eraseBlocks ? BLOCK : SECTOR;
      device.erase(length);
      erased += length;
    } else {
      const length = Math.min(SECTOR, device.size - written);
      device.write(length);
      written += length;
    }
    device.breathe();
  }
}

describe("the bound of an ideal scheduler", () => {
  it("is the line alone where the flash and the round trip are quick", () => {
    const link = { name: "", roundTripMs: 0, bytesPerSecond: 1000, window: 1_000_000 };
    const { ms, lineMs } = boundOf(100_000, link);
    assert.ok(ms >= lineMs && ms < lineMs + 1, `${ms}`);
  });

  it("is the flash alone where the network takes no time", () => {
    const link = { name: "", roundTripMs: 0, bytesPerSecond: 1e12, window: 1e9 };
    const { blockEraseMs, pageProgramMs } = FLASH_MODEL;
    const { ms, flashMs } = boundOf(4 * BLOCK, link);
    assert.equal(flashMs, 4 * blockEraseMs + ((4 * BLOCK) / PAGE) * pageProgramMs);
    assert.ok(Math.abs(ms - flashMs - pageProgramMs) < 0.1, `${ms}`);
  });

  it("grows with the length and shrinks with rate and window", () => {
    for (const link of manyLinks()) {
      const base = boundOf(500_000, link).ms;
      assert.ok(boundOf(600_000, link).ms >= base);
      assert.ok(boundOf(500_000, { ...link, bytesPerSecond: link.bytesPerSecond * 2 }).ms <= base);
      assert.ok(boundOf(500_000, { ...link, window: link.window * 2 }).ms <= base);
    }
  });

  for (const size of [70_000, 262_144, 500_001])
    it(`is beaten by nobody on fifty links, with ${size} bytes`, () => {
      for (const link of manyLinks()) {
        const bound = boundOf(size, link).ms;
        for (const blocks of [true, false]) {
          const device = new PeerDevice(size, link);
          eager(device, blocks);
          const { ms } = device.finish();
          assert.ok(ms >= bound, `${JSON.stringify(link)}: ${ms} ms, bound ${bound}`);
        }
      }
    }).timeout(120_000);

  it("is not far from what is reached by a program that has memory without end and no TLS records to wait for", () => {
    const shares = [...LINKS, ...LINKS.map(widened)].map((link) => {
      const times = [true, false].map((blocks) => {
        const device = new PeerDevice(1_048_576, link);
        eager(device, blocks);
        return device.finish().ms;
      });
      return boundOf(1_048_576, link).ms / Math.min(...times);
    });
    assert.ok(Math.min(...shares) > 0.75 && Math.max(...shares) > 0.95, shares.map((share) => share.toFixed(3)).join());
  }).timeout(60_000);

  it("is beaten by no peer's strategy, disturbed or not", () => {
    for (const link of LINKS)
      for (const strategy of STRATEGIES)
        for (const trouble of [undefined, { kind: "power-cut", at: [0.5] } as const]) {
          const device = new PeerDevice(262_144, link, { trouble });
          // The stream goes over a connection that stands: it is spared the handshake, and the bound counts one.
          strategy.run(device);
          const { ms, handshakes } = device.finish();
          const spared = handshakes === 0 ? 4 * link.roundTripMs : 0;
          assert.ok(ms + spared >= boundOf(262_144, link).ms, `${strategy.name} on ${link.name}`);
        }
  }).timeout(60_000);
});
