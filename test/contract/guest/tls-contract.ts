/** The peers are echo servers; what differs is their certificate. */
import { type Check, messageOf, nameOf, type Program } from "./harness.js";
import { Resource, type Socket, type SocketOptions, TLSSocket, text } from "./sdk.js";
import { LOCAL, ports, WINDOW } from "./settings.js";

const NAME = "device.contract.test";

function secure(options: object = {}): object {
  return {
    certificate: new Resource("ca.der"),
    clientCertificates: [new Resource("client.der")],
    clientKey: new Resource("client-key.der"),
    ...options,
  };
}

function open(check: Check, options: SocketOptions): Socket {
  const socket = new TLSSocket({
    address: LOCAL,
    host: NAME,
    port: ports.tls,
    TCP: { io: check.GuardedTCP },
    secure: secure(),
    ...options,
    onReadable: check.callback(options.onReadable ?? (() => {})),
    onWritable: check.callback(options.onWritable ?? (() => {})),
    onError: check.callback(options.onError ?? (() => {})),
  });
  check.cleanup(() => socket.close());
  return socket;
}

/** A handshake that fails: an exception in the TCP callback, which the guard turns into one onError. */
function refuses(name: string, options: () => SocketOptions): Program {
  return {
    name: `tls: ${name}`,
    run(check) {
      let connected = false;
      open(check, {
        ...options(),
        onWritable() {
          connected = true;
        },
        onError() {
          check.ok(!connected, "never writable");
          check.equal(check.escaped.length, 1, "exceptions");
          check.done();
        },
      });
    },
  };
}

export const tlsContract: readonly Program[] = [
  {
    name: "tls: the protocol that the server demands is offered",
    run(check) {
      const protocol = secure({ applicationLayerProtocolNegotiation: "x-amzn-mqtt-ca" });
      open(check, { port: ports.tlsProtocol, secure: protocol, onWritable: () => check.done() });
    },
  },
  refuses("a server that demands another protocol", () => ({
    port: ports.tlsProtocol,
    secure: secure({ applicationLayerProtocolNegotiation: "http/1.1" }),
  })),
  {
    name: "tls: a mutual handshake is followed by onWritable with the room less overhead, and bytes come back",
    run(check) {
      let room: number | undefined;
      const socket = open(check, {
        onWritable(count) {
          if (room !== undefined) return;
          room = count;
          // The last flight of the handshake may still lie in the buffer.
          check.ok(count <= WINDOW - 96 && count > 0, `room ${count}`);
          socket.write(text.encode("hello"));
        },
        onReadable(count) {
          check.equal(count, 5, "count");
          check.equal(text.decode(socket.read()), "hello", "echo");
          check.equal(socket.read(), undefined, "nothing left");
          check.equal(check.escaped.join(), "", "exceptions");
          check.done();
        },
      });
    },
  },
  {
    name: "tls: reads by count, into views (clamped) and by number; an ArrayBuffer is refused",
    run(check) {
      let written = false;
      const socket = open(check, {
        onWritable() {
          if (!written) socket.write(text.encode("abcdef"));
          written = true;
        },
        onReadable(count) {
          check.equal(count, 6, "count");
          check.throws(() => socket.read(7), "Error", "invalid", "too much");
          check.throws(() => socket.read(new ArrayBuffer(2)), "RangeError", undefined, "ArrayBuffer");
          check.equal(text.decode(socket.read(2)), "ab", "by count");
          socket.format = "number";
          check.equal(socket.read(), 99, "number");
          socket.format = "buffer";
          const into = new Uint8Array(8);
          check.equal(socket.read(into), 3, "clamped");
          check.equal(into.join(), "100,101,102,0,0,0,0,0", "bytes");
          check.done();
        },
      });
    },
  },
  {
    name: "tls: a record comes whole, and the next one when it is read",
    run(check) {
      const counts: number[] = [];
      let received = 0;
      let written = false;
      const socket = open(check, {
        onWritable() {
          if (!written) socket.write(text.encode("records 5000 3"));
          written = true;
        },
        onReadable(count) {
          counts.push(count);
          check.after(100, () => {
            check.equal(counts.length, received + 1, "one at a time");
            socket.read();
            received += 1;
            if (received < 3) return;
            check.equal(counts.join(), "5000,5000,5000", "counts");
            check.done();
          });
        },
      });
    },
  },
  refuses("a certificate of another root throws in the TCP callback", () => ({ port: ports.tlsOtherRoot })),
  refuses("a certificate for another name throws in the TCP callback", () => ({ port: ports.tlsOtherName })),
  refuses("an expired certificate throws in the TCP callback", () => ({ port: ports.tlsExpired })),
  {
    // On the device the server's alert is an exception. The Linux simulator writes to a connection that is gone, and
    // says nothing.
    name: "tls: a server that wants a client certificate and gets none never becomes writable",
    run(check) {
      open(check, {
        secure: { certificate: new Resource("ca.der") },
        onWritable: () => check.ok(false, "writable"),
      });
      check.after(1500, () => {
        check.ok(check.escaped.length <= 1, `exceptions ${check.escaped.join()}`);
        check.done();
      });
    },
  },
  refuses("an EC client key cannot be used", () => ({
    secure: secure({
      clientCertificates: [new Resource("client-ec.der")],
      clientKey: new Resource("client-ec-key.der"),
    }),
  })),
  refuses("a PEM client key cannot be used", () => ({
    secure: secure({ clientKey: new Resource("client-key.pem") }),
  })),
  {
    name: "tls: a wildcard covers one label",
    run(check) {
      open(check, { host: "a.wild.contract.test", onWritable: () => check.done() });
    },
  },
  refuses("a wildcard does not cover two labels", () => ({ host: "a.b.wild.contract.test" })),
  {
    name: "tls: serverName takes the place of the host",
    run(check) {
      open(check, { host: "other.test", secure: secure({ serverName: NAME }), onWritable: () => check.done() });
    },
  },
  {
    name: "tls: verify false, an expired root and a root in PEM are refused by the constructor",
    run(check) {
      const make = (options: object) => () => open(check, { secure: secure(options) });
      const refused = (options: object, reason: string) => {
        let thrown: unknown;
        try {
          make(options)();
        } catch (error) {
          thrown = error;
        }
        check.equal(nameOf(thrown), "TlsRefusal", reason);
        check.equal(messageOf(thrown).split(":")[0], reason, messageOf(thrown));
      };
      refused({ verify: false }, "certificate");
      refused({ certificate: new Resource("expired-ca.der") }, "date");
      refused({ certificate: new Resource("ca.pem") }, "certificate");
      check.done();
    },
  },
  {
    name: "tls: a refused connection is an onError",
    run(check) {
      open(check, {
        port: ports.closed,
        onError() {
          check.equal(check.escaped.join(), "", "exceptions");
          check.done();
        },
      });
    },
  },
];
