import assert from "node:assert/strict";
import { type FramingError, PacketFramer } from "../../../host-sim/cloud/broker/framing.js";

const MAX_BYTES = 200_000;

/** A PUBLISH whose remaining length takes three bytes. */
function packetOf(byteLength: number): Buffer {
  const rest = byteLength - 4;
  const packet = Buffer.alloc(byteLength, 0x61);
  packet.set([0x30, (rest & 0x7f) | 0x80, ((rest >> 7) & 0x7f) | 0x80, rest >> 14]);
  return packet;
}

const PING = Buffer.of(0xc0, 0);

function frame(stream: Uint8Array, pieceBytes: number) {
  const framer = new PacketFramer(MAX_BYTES);
  const packets: string[] = [];
  let error: FramingError | undefined;
  for (let at = 0; at < stream.byteLength && error === undefined; at += pieceBytes) {
    error = framer.push(stream.subarray(at, at + pieceBytes), (packet) => {
      packets.push(packet.toString("hex"));
      return true;
    });
  }
  return { packets, error, copiedBytes: framer.copiedBytes };
}

describe("framing of MQTT packets", () => {
  it("finds the same packets however the stream is cut", () => {
    const all = [PING, packetOf(20_000), PING, PING, packetOf(16_500)];
    const wanted = all.map((packet) => packet.toString("hex"));
    const stream = Buffer.concat(all);
    for (const pieceBytes of [1, 2, 3, 63, 64, 65, 1000, 20_003, stream.byteLength]) {
      const { packets, error } = frame(stream, pieceBytes);
      assert.deepEqual({ packets, error }, { packets: wanted, error: undefined }, `pieces of ${pieceBytes}`);
    }
  });

  it("copies a packet that comes a byte at a time no more than three times over", () => {
    for (const byteLength of [17_000, 40_000, 160_000]) {
      const { packets, copiedBytes } = frame(packetOf(byteLength), 1);
      assert.equal(packets.length, 1);
      assert(copiedBytes <= 3 * byteLength, `${copiedBytes} for ${byteLength}`);
    }
  });

  it("copies a packet that comes at once little more than once", () => {
    const { copiedBytes } = frame(packetOf(160_000), 160_000);
    assert(copiedBytes <= 160_000 + 16, String(copiedBytes));
  });

  it("refuses a length that is too large, and one that is none, before the packet comes", () => {
    assert.equal(frame(packetOf(MAX_BYTES + 1).subarray(0, 4), 1).error, "too-large");
    assert.equal(frame(Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff), 1).error, "malformed");
  });

  it("hands out nothing more once it was stopped", () => {
    const framer = new PacketFramer(MAX_BYTES);
    let count = 0;
    framer.push(Buffer.concat([PING, PING]), () => {
      count += 1;
      return false;
    });
    assert.equal(count, 1);
  });
});
