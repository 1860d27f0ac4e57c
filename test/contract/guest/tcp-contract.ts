/** The peer of these programs does what the first line sent to it says: `echo`, `send N`, `fin N`, `reset`, `sink`. */
import type { Check, Program } from "./harness.js";
import { type Socket, type SocketOptions, TCP, text } from "./sdk.js";
import { LOCAL, ports, WINDOW } from "./settings.js";

/** Connects and sends `command`; the other callbacks as given. */
function open(check: Check, command: string, options: SocketOptions = {}): Socket {
  let commanded = false;
  const socket = new TCP({
    address: LOCAL,
    port: ports.tcp,
    ...options,
    onReadable: check.callback(options.onReadable ?? (() => {})),
    onWritable: check.callback(function (count) {
      if (!commanded) {
        commanded = true;
        socket.write(text.encode(`${command}\n`));
      }
      options.onWritable?.call(this, count);
    }),
    onError: check.callback(options.onError ?? (() => {})),
  });
  check.cleanup(() => socket.close());
  return socket;
}

export const tcpContract: readonly Program[] = [
  {
    name: "tcp: the constructor refuses names, ports and formats it cannot take",
    run(check) {
      check.throws(() => new TCP({ address: "host.test", port: 1 }), "Error", "invalid address", "name");
      check.throws(() => new TCP({ address: LOCAL, port: 65536 }), "RangeError", "invalid port", "port");
      check.throws(() => new TCP({ address: LOCAL, port: -1 }), "RangeError", undefined, "negative port");
      check.throws(() => new TCP({ address: LOCAL, port: 1, format: "x" }), "RangeError", undefined, "format");
      check.done();
    },
  },
  {
    name: "tcp: the first onWritable tells of the connection and of the room",
    run(check) {
      const socket = open(check, "sink", {
        target: "mine",
        onWritable(count) {
          check.equal(count, WINDOW, "room");
          check.ok(this === socket, "this is the socket");
          check.equal(socket.target, "mine", "target");
          check.done();
        },
      });
    },
  },
  {
    name: "tcp: write answers the room that is left and takes buffers and views",
    run(check) {
      const received: number[] = [];
      let written = false;
      const socket = open(check, "echo", {
        onWritable() {
          if (written) return;
          written = true;
          const room = WINDOW - "echo\n".length;
          check.equal(socket.write(Uint8Array.of(9, 1, 9).subarray(1, 2)), room - 1, "view");
          check.equal(socket.write(Uint8Array.of(2, 3).buffer), room - 3, "buffer");
          check.equal(socket.write(new DataView(Uint8Array.of(4).buffer)), room - 4, "data view");
          check.throws(() => socket.write("text"), "TypeError", undefined, "string");
          check.throws(() => socket.write(new Uint8Array(room)), "Error", "would block", "too much");
        },
        onReadable() {
          received.push(...new Uint8Array(socket.read() as ArrayBuffer));
          if (received.length < 4) return;
          check.equal(received.join(), "1,2,3,4", "echo");
          check.done();
        },
      });
    },
  },
  {
    name: "tcp: room comes back by another onWritable",
    run(check) {
      const rooms: number[] = [];
      open(check, "sink", {
        onWritable(count) {
          rooms.push(count);
          if (rooms.length < 2) return;
          check.equal(rooms.join(), `${WINDOW},${WINDOW}`, "rooms");
          check.done();
        },
      });
    },
  },
  {
    name: "tcp: a refused connection is an onError without arguments",
    run(check) {
      open(check, "sink", {
        port: ports.closed,
        onError(...args) {
          check.equal(args.length, 0, "arguments");
          check.done();
        },
      });
    },
  },
  {
    name: "tcp: read refuses more than there is, and nothing",
    run(check) {
      const socket = open(check, "send 3", {
        onReadable(count) {
          check.equal(count, 3, "count");
          check.throws(() => socket.read(4), "Error", "invalid", "4 of 3");
          check.throws(() => socket.read(0), "Error", "invalid", "0");
          check.throws(() => socket.read(new Uint8Array(4)), "Error", "invalid", "buffer of 4");
          const into = Uint8Array.of(7, 7, 7, 7);
          check.equal(socket.read(into.subarray(1, 3)), 2, "into a view");
          check.equal(into, into, "view");
          check.equal(into.join(), "7,0,1,7", "only the view's bytes");
          check.equal(socket.read(), Uint8Array.of(2).buffer, "the rest");
          check.equal(socket.read(), undefined, "nothing left");
          check.equal(socket.read(1), undefined, "nothing left, with a count");
          check.done();
        },
      });
    },
  },
  {
    name: "tcp: number format reads byte by byte, and the format may change in between",
    run(check) {
      const socket = open(check, "send 4", {
        onReadable() {
          socket.format = "number";
          check.equal(socket.read(), 0, "first");
          check.equal(socket.read(), 1, "second");
          socket.format = "buffer";
          check.equal(socket.read(), Uint8Array.of(2, 3).buffer, "rest");
          check.throws(
            () => {
              socket.format = "text";
            },
            "RangeError",
            undefined,
            "unknown format",
          );
          check.done();
        },
      });
    },
  },
  {
    name: "tcp: onReadable is raised by new bytes only, and unread bytes stay",
    run(check) {
      let calls = 0;
      const socket = open(check, "send 3", {
        onReadable() {
          calls += 1;
        },
      });
      check.after(300, () => {
        check.equal(calls, 1, "calls");
        check.equal(socket.read(), Uint8Array.of(0, 1, 2).buffer, "read later");
        check.done();
      });
    },
  },
  {
    name: "tcp: no more than the window arrives until it is read",
    run(check) {
      const total = 5000;
      let received = 0;
      let largest = 0;
      let counted = 0;
      const read = (): void => {
        const buffer = socket.read();
        if (buffer instanceof ArrayBuffer) received += buffer.byteLength;
      };
      const socket = open(check, `send ${total}`, {
        onReadable(count) {
          largest = Math.max(largest, count);
          counted = count;
          if (received > 0) read();
          if (received < total) return;
          check.equal(largest, WINDOW, "largest count");
          check.done();
        },
      });
      check.after(300, () => {
        check.equal(counted, WINDOW, "the window is full");
        read();
      });
    },
  },
  {
    name: "tcp: the peer's end comes as onError after its last bytes",
    run(check) {
      let bytes = 0;
      const socket = open(check, "fin 5", {
        onReadable(count) {
          bytes += count;
          socket.read();
        },
        onError(...args) {
          check.equal(bytes, 5, "bytes before");
          check.equal(args.length, 0, "arguments");
          check.done();
        },
      });
    },
  },
  {
    name: "tcp: a reset comes as onError, once",
    run(check) {
      let errors = 0;
      open(check, "reset", {
        onError() {
          errors += 1;
        },
      });
      check.after(300, () => {
        check.equal(errors, 1, "errors");
        check.done();
      });
    },
  },
  {
    name: "tcp: a closed socket refuses everything but close",
    run(check) {
      const socket = open(check, "echo");
      socket.close();
      socket.close();
      check.throws(() => socket.read(), "SyntaxError", undefined, "read");
      check.throws(() => socket.write(Uint8Array.of(1)), "SyntaxError", undefined, "write");
      check.throws(() => socket.format, "SyntaxError", undefined, "format");
      check.done();
    },
  },
  {
    name: "tcp: no callback comes after close",
    run(check) {
      let late = 0;
      const count = (): void => {
        late += 1;
      };
      const socket = open(check, "send 100", { onWritable: () => socket.close(), onReadable: count, onError: count });
      check.after(250, () => {
        check.equal(late, 0, "callbacks");
        check.done();
      });
    },
  },
];
