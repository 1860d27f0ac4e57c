import assert from "node:assert/strict";
import { guardTcp, guardTls, type TcpCallbacks, type TlsOptions } from "../../modules/guarded-tcp/index.js";
import { VirtualTimer } from "../support/virtual-timer.js";

/** Holds what "arrived"; one number is one byte, of which TLS makes one record. */
class FakeTcp {
  static last: FakeTcp;
  readonly given: TcpCallbacks;
  readonly arrived: number[] = [];
  declare readable: number;
  closed = false;
  constructor(options: TcpCallbacks) {
    this.given = options;
    FakeTcp.last = this;
  }
  arrive(...bytes: number[]) {
    this.arrived.push(...bytes);
    this.given.onReadable?.call(this, this.arrived.length);
  }
  close() {
    this.closed = true;
  }
}

/** The SDK's record handling: the first record in the TCP callback, the others each in a timer; record 0 is damaged. */
function fakeTls(timer: VirtualTimer) {
  return class FakeTls {
    readonly #options: TlsOptions;
    readonly #socket: FakeTcp & { readable: number };
    #data: number | undefined;
    #again: object | undefined;
    constructor(options: TlsOptions & { secure?: string }) {
      if (options.secure === "bad") throw new Error("date validation failed");
      this.#options = options;
      const socket = new options.TCP.io({
        onReadable: (count) => this.#onReadable(count),
        onWritable: (count) => options.onWritable?.(count),
        onError: () => options.onError?.(),
      });
      assert.ok(socket instanceof FakeTcp);
      this.#socket = socket;
      this.#socket.readable = 0;
    }
    #onReadable(count: number) {
      this.#socket.readable = count;
      if (this.#data !== undefined || this.#socket.readable === 0) return;
      this.#socket.readable -= 1;
      const record = this.#socket.arrived.shift();
      if (record === 0) throw new Error("TLS: bad record");
      this.#data = record;
      this.#options.onReadable?.(1);
    }
    read() {
      const data = this.#data;
      this.#data = undefined;
      if (this.#socket.readable > 0)
        this.#again ??= timer.set(() => {
          this.#again = undefined;
          if (this.#socket.readable > 0) this.#onReadable(this.#socket.readable);
        });
      return data;
    }
    close() {
      this.#socket.close();
      timer.clear(this.#again);
    }
  };
}

function setUp(onReadable?: (socket: { read(): unknown; close(): void }) => void) {
  const timer = new VirtualTimer();
  const errors: unknown[] = [];
  const exceptions: unknown[] = [];
  const records: unknown[] = [];
  const options = { timer, onException: (error: unknown) => exceptions.push(error) };
  const Guarded = guardTls(fakeTls(timer), options);
  const socket = new Guarded({
    TCP: { io: guardTcp(FakeTcp, options) },
    onReadable: () => (onReadable === undefined ? records.push(socket.read()) : onReadable(socket)),
    onError: (error) => errors.push(error),
  });
  return { timer, errors, exceptions, records, socket, tcp: FakeTcp.last };
}

describe("guarded TLS", () => {
  it("delivers every record of a segment", () => {
    const { tcp, timer, records } = setUp();
    tcp.arrive(1, 2, 3);
    assert.deepEqual(records, [1]);
    timer.settle();
    assert.deepEqual(records, [1, 2, 3]);
    assert.equal(timer.pending, 0);
    tcp.arrive(4);
    assert.deepEqual(records, [1, 2, 3, 4]);
  });

  it("delivers records that were left unread, when they are read later", () => {
    const { tcp, timer, records, socket } = setUp(() => {});
    tcp.arrive(1, 2);
    timer.settle();
    records.push(socket.read());
    timer.settle();
    records.push(socket.read());
    assert.deepEqual(records, [1, 2]);
  });

  for (const position of [1, 2, 3])
    it(`turns damage in record ${position} of a segment into one later onError`, () => {
      const { tcp, timer, errors, records } = setUp();
      tcp.arrive(...[7, 7, 7].slice(0, position - 1), 0, 8);
      timer.settle();
      timer.settle();
      assert.equal(errors.length, 1);
      assert.equal(records.length, position - 1);
    });

  it("turns an exception of the client into one later onError, in the first record and in the others", () => {
    for (const fatal of [1, 2]) {
      let seen = 0;
      const { tcp, timer, errors, exceptions } = setUp((socket) => {
        socket.read();
        seen += 1;
        if (seen === fatal) throw new Error("parser");
      });
      tcp.arrive(1, 2, 3);
      timer.settle();
      tcp.arrive(4);
      timer.settle();
      assert.deepEqual([errors.length, exceptions.length, seen], [1, 1, fatal]);
    }
  });

  it("calls nothing after close and keeps no timer", () => {
    const { tcp, timer, errors, records, socket } = setUp();
    tcp.arrive(1, 2);
    socket.close();
    socket.close();
    assert.equal(timer.pending, 0);
    tcp.arrive(3);
    tcp.given.onError?.call(tcp);
    assert.deepEqual([records, errors], [[1], []]);
  });

  it("may be closed by the client inside onReadable", () => {
    const { tcp, timer, errors } = setUp((socket) => {
      socket.read();
      socket.close();
    });
    tcp.arrive(1, 2);
    timer.settle();
    assert.deepEqual([errors.length, timer.pending], [0, 0]);
  });

  it("passes the end of the connection on once", () => {
    const { tcp, errors } = setUp();
    tcp.given.onError?.call(tcp);
    tcp.given.onError?.call(tcp);
    assert.equal(errors.length, 1);
  });

  it("tells why the connection ended below, though the TLS class does not pass it on", () => {
    const { tcp, errors } = setUp();
    const refusal = new Error("name: the certificate does not name the host");
    tcp.given.onError?.call(tcp, refusal);
    assert.deepEqual(errors, [refusal]);
  });

  it("tells what TLS threw in the handshake, once the guard below has caught it", () => {
    const timer = new VirtualTimer();
    const errors: unknown[] = [];
    const Guarded = guardTls(fakeTls(timer), { timer });
    new Guarded({ TCP: { io: guardTcp(FakeTcp, { timer }) }, onError: (error) => errors.push(error) });
    FakeTcp.last.arrive(0);
    timer.settle();
    assert.deepEqual(errors.map(String), ["Error: TLS: bad record"]);
  });

  it("lets an exception of the class's constructor through", () => {
    const timer = new VirtualTimer();
    const Guarded = guardTls(fakeTls(timer), { timer });
    const options = { TCP: { io: FakeTcp }, secure: "bad" };
    assert.throws(() => new Guarded(options), /date validation/);
  });
});
