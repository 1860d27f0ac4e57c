import assert from "node:assert/strict";
import { guardTcp, type TcpCallbacks } from "../../modules/guarded-tcp/index.js";
import { VirtualTimer } from "../support/virtual-timer.js";

/**
 * Behaves as the SDK's TCP: callbacks with the instance as `this`, and a SyntaxError from any method after `close()`.
 */
class FakeTcp {
  static last: FakeTcp;
  closed = false;
  readonly given: TcpCallbacks;
  constructor(options: TcpCallbacks & { address?: string }) {
    if (options.address === "bad") throw new Error("invalid address");
    this.given = options;
    FakeTcp.last = this;
  }
  close() {
    this.closed = true;
  }
  read() {
    if (this.closed) throw new SyntaxError("invalid host object");
  }
}

function setUp(callbacks: TcpCallbacks) {
  const timer = new VirtualTimer();
  const exceptions: unknown[] = [];
  const Guarded = guardTcp(FakeTcp, { timer, onException: (error) => exceptions.push(error) });
  const socket = new Guarded(callbacks);
  return { timer, exceptions, socket, native: FakeTcp.last };
}

describe("guarded TCP", () => {
  it("passes counts, errors and the receiver through", () => {
    const seen: unknown[] = [];
    const { native, socket } = setUp({
      onReadable(this: unknown, count: number) {
        seen.push("readable", count, this === socket);
      },
      onWritable(this: unknown, count: number) {
        seen.push("writable", count, this === socket);
      },
      onError(this: unknown) {
        seen.push("error", this === socket);
      },
    });
    native.given.onWritable?.call(socket, 100);
    native.given.onReadable?.call(socket, 7);
    native.given.onError?.call(socket);
    assert.deepEqual(seen, ["writable", 100, true, "readable", 7, true, "error", true]);
  });

  it("is an instance of the class it guards", () => {
    assert.ok(setUp({}).socket instanceof FakeTcp);
  });

  it("leaves out callbacks that were not given", () => {
    const { native } = setUp({ onReadable() {} });
    assert.equal("onWritable" in native.given, false);
  });

  for (const name of ["onReadable", "onWritable"] as const) {
    it(`turns an exception in ${name} into one later onError`, () => {
      const errors: unknown[] = [];
      const boom = new Error("certificate: no chain to a trusted root");
      const { native, timer, exceptions } = setUp({
        [name]() {
          throw boom;
        },
        onError: (error?: unknown) => errors.push(error),
      });
      native.given[name]?.call(native, 1);
      assert.deepEqual(exceptions, [boom]);
      assert.deepEqual(errors, []);
      timer.settle();
      assert.deepEqual(errors, [boom]);
    });
  }

  it("calls nothing more after an exception, also when the socket then fails itself", () => {
    let calls = 0;
    let errors = 0;
    const { native, timer } = setUp({
      onReadable() {
        calls += 1;
        throw new Error("again");
      },
      onWritable: () => calls++,
      onError: () => errors++,
    });
    native.given.onReadable?.call(native, 1);
    native.given.onReadable?.call(native, 1);
    native.given.onWritable?.call(native, 1);
    native.given.onError?.call(native);
    timer.settle();
    native.given.onError?.call(native);
    assert.deepEqual([calls, errors], [1, 1]);
  });

  it("calls onError once when the socket fails twice", () => {
    let errors = 0;
    const { native } = setUp({ onError: () => errors++ });
    native.given.onError?.call(native);
    native.given.onError?.call(native);
    assert.equal(errors, 1);
  });

  it("drops and reports an exception in onError", () => {
    const { native, exceptions, timer } = setUp({
      onError() {
        throw new Error("in onError");
      },
    });
    native.given.onError?.call(native);
    timer.settle();
    assert.equal(exceptions.length, 1);
  });

  it("survives an onException that throws", () => {
    const timer = new VirtualTimer();
    const Guarded = guardTcp(FakeTcp, {
      timer,
      onException() {
        throw new Error("observer");
      },
    });
    let errors = 0;
    new Guarded({
      onReadable() {
        throw new Error("x");
      },
      onError: () => errors++,
    });
    FakeTcp.last.given.onReadable?.call(FakeTcp.last, 1);
    timer.settle();
    assert.equal(errors, 1);
  });

  it("calls nothing after close and keeps no timer", () => {
    let errors = 0;
    const { native, socket, timer } = setUp({
      onReadable() {
        throw new Error("x");
      },
      onError: () => errors++,
    });
    native.given.onReadable?.call(native, 1);
    socket.close();
    assert.equal(timer.pending, 0);
    native.given.onError?.call(native);
    native.given.onReadable?.call(native, 1);
    assert.equal(errors, 0);
    assert.equal(native.closed, true);
  });

  it("drops the exception of a callback which closed the socket and then used it", () => {
    let errors = 0;
    const { native, timer, exceptions, socket } = setUp({
      onReadable() {
        socket.close();
        native.read();
      },
      onError: () => errors++,
    });
    native.given.onReadable?.call(native, 1);
    timer.settle();
    assert.deepEqual([errors, exceptions.length, timer.pending], [0, 0, 0]);
  });

  it("allows close to be called twice", () => {
    const { socket } = setUp({});
    socket.close();
    socket.close();
  });

  it("lets an exception of the class's constructor through", () => {
    const Guarded = guardTcp(FakeTcp, { timer: new VirtualTimer() });
    assert.throws(() => new Guarded({ address: "bad" } as TcpCallbacks), /invalid address/);
  });
});
