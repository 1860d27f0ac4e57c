import assert from "node:assert/strict";
import { type Bench, programBoard } from "../support/program-board.js";

const PROGRAM = `
  const TCP = require("embedded:io/socket/tcp").default;
  const socket = new TCP({ address: "10.0.0.1", port: 80,
    onWritable(count) { trace("writable ", count, "\\n"); if (count === 100) trace("left ", this.write(ArrayBuffer.fromString("hello")), "\\n"); },
    onReadable(count) { trace("read ", new Uint8Array(this.read()).join(), "\\n"); },
    onError() { trace("error\\n"); } });
  globalThis.closeSocket = () => socket.close();`;

async function connected(program = PROGRAM): Promise<Bench & { connection: Bench["network"]["connections"][number] }> {
  const bench = await programBoard(program);
  bench.run(1000);
  const connection = bench.network.connections[0];
  assert.ok(connection !== undefined);
  return { ...bench, connection };
}

describe("network of the board", () => {
  it("carries bytes both ways, each as a step", async () => {
    const { board, connection, lines } = await connected();
    assert.deepEqual(connection.request, { address: "10.0.0.1", port: 80, nodelay: false });
    const before = board.steps;
    connection.events.connected(100);
    connection.events.readable(3);
    assert.deepEqual(lines, ["writable 100", "left 95", "read 1,2,3"]);
    assert.deepEqual(connection.log, ["write hello", "consume 3"]);
    assert.equal(board.steps - before, 3, "connected, written, readable");
    assert.deepEqual([board.counters.bytesSent, board.counters.bytesReceived, board.counters.handshakes], [5, 3, 0]);
  });

  it("delivers nothing after the connection ended", async () => {
    const { connection, lines } = await connected();
    connection.events.error();
    connection.events.readable(3);
    connection.events.error();
    assert.deepEqual(lines, ["error"]);
  });

  it("delivers nothing to a socket that the program closed", async () => {
    const { connection, lines } = await connected(`${PROGRAM} Timer.set(closeSocket, 10); Timer.set(closeSocket, 20);`);
    connection.events.readable(3);
    assert.deepEqual(lines, []);
    assert.deepEqual(connection.log, ["close"]);
  });

  it("drops sockets and look-ups at a reset and at a power cut", async () => {
    for (const end of ["reset", "cut"]) {
      const { board, connection, lines, network, run } = await connected(
        `${PROGRAM} new (require("embedded:network/dns/resolver/udp").default)({ servers: ["192.0.2.53"], socket: {} }).resolve({ host: "iot.test", onResolved() { trace("resolved\\n"); } });`,
      );
      assert.equal(network.lookups[0]?.host, "iot.test");
      if (end === "reset") board.pressReset();
      else board.powerCut();
      assert.deepEqual(connection.log, ["destroy"]);
      assert.equal(network.lookups[0]?.cancelled, true);
      connection.events.readable(3);
      network.lookups[0]?.onDone("10.0.0.1");
      run(0);
      assert.deepEqual(lines, []);
      assert.equal(board.sockets.size, 0);
    }
  });

  it("cuts the power when the chunk has arrived and the program has not seen it", async () => {
    const { board, connection, lines } = await connected();
    board.planCut({ step: board.steps + 1, where: "before" });
    connection.events.readable(3);
    assert.equal(board.state, "off");
    assert.deepEqual(lines, []);
    assert.deepEqual(connection.log, ["destroy"]);
  });
});
