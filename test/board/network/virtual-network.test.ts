import assert from "node:assert/strict";
import { VirtualClock } from "../../../host-sim/board/index.js";
import {
  DHCP_NAME_SERVER,
  type Faults,
  type Link,
  type ListenOptions,
  type PeerConnection,
  TLS_FAILURES,
  VirtualNetwork,
} from "../../../host-sim/board/network/index.js";
import type { BoardSocket, SecureOptions } from "../../../host-sim/board/network-backend.js";

const HOST = "peer.test";
const PORT = 8883;
const WINDOW = 1000;

const SERVER = DHCP_NAME_SERVER;

class Bench {
  readonly clock = new VirtualClock();
  readonly network: VirtualNetwork;
  readonly log: string[] = [];
  peer: PeerConnection | undefined;
  socket: BoardSocket | undefined;

  constructor(options: { link?: Partial<Link>; faults?: Faults; listen?: ListenOptions } = {}) {
    const { listen = {}, ...rest } = options;
    this.network = new VirtualNetwork({ clock: this.clock, window: WINDOW, ...rest });
    this.network.listen(
      HOST,
      PORT,
      (peer) => {
        this.peer = peer;
        peer.onData = (bytes) => this.log.push(`peer ${bytes.length}`);
        peer.onEnd = () => this.log.push("peer end");
        peer.onDrain = () => this.log.push("peer drain");
      },
      listen,
    );
  }

  address(): string {
    let found: string | undefined;
    this.network.resolve(HOST, SERVER, (address) => {
      found = address;
    });
    this.clock.advance(1000);
    return found ?? "203.0.113.1";
  }

  connect(secure?: Partial<SecureOptions>, port = PORT): BoardSocket {
    this.socket = this.network.connect(
      {
        address: this.address(),
        port,
        ...(secure && { secure: { serverName: HOST, ...secure } }),
      },
      {
        connected: (writable) => this.log.push(`connected ${writable}`),
        readable: (available) => this.log.push(`readable ${available}`),
        writable: (writable) => this.log.push(`writable ${writable}`),
        error: () => this.log.push("error"),
        tlsFailure: (message) => this.log.push(`tls ${message}`),
      },
    );
    return this.socket;
  }

  /** What happened since it was last asked, after `ms`. */
  after(ms: number): string {
    this.clock.advance(ms);
    return this.log.splice(0).join(", ");
  }
}

function connected(options: ConstructorParameters<typeof Bench>[0] = {}): {
  bench: Bench;
  socket: BoardSocket;
  peer: PeerConnection;
} {
  const bench = new Bench(options);
  const socket = bench.connect();
  bench.after(1000);
  assert.ok(bench.peer);
  return { bench, socket, peer: bench.peer };
}

describe("the virtual network", () => {
  describe("names and connections", () => {
    it("calls nothing back before the caller returned", () => {
      const bench = new Bench();
      bench.connect();
      assert.deepEqual(bench.log, []);
      assert.equal(bench.after(0), `connected ${WINDOW}`);
    });

    it("does not know a name that nobody listens on", () => {
      const bench = new Bench();
      let answer: string | undefined = "unset";
      bench.network.resolve("other.test", SERVER, (address) => {
        answer = address;
      });
      bench.clock.advance(10);
      assert.equal(answer, undefined);
    });

    it("refuses a port that nobody listens on, or no longer", () => {
      const bench = new Bench();
      bench.connect(undefined, 1);
      assert.equal(bench.after(100), "error");
      const stop = bench.network.listen(HOST, 99, () => assert.fail("accepted"));
      stop();
      bench.connect(undefined, 99);
      assert.equal(bench.after(100), "error");
      assert.equal(bench.network.openConnections, 0);
    });

    it("fails names and refuses or ignores connections when told to", () => {
      const bench = new Bench({
        faults: {
          resolve: (host) => (host === HOST ? undefined : "fail"),
          connect: ({ attempt }) => (attempt === 0 ? "refuse" : "silence"),
        },
      });
      bench.connect();
      assert.equal(bench.after(100), "error");
      bench.connect();
      assert.equal(bench.after(1_000_000), "");
    });

    it("cancels a look-up", () => {
      const bench = new Bench();
      bench.network.resolve(HOST, SERVER, () => assert.fail("answered"))();
      bench.clock.advance(100);
    });
  });

  describe("bytes", () => {
    it("carries what the device writes and gives the room back", () => {
      const { bench, socket } = connected();
      assert.equal(socket.write(new Uint8Array(300)), 700);
      assert.equal(socket.write(new Uint8Array(700)), 0);
      assert.throws(() => socket.write(new Uint8Array(1)), /would block/);
      assert.equal(bench.after(1), "peer 300, peer 700, writable 1000");
    });

    it("shows the device at most one window until it consumes", () => {
      const { bench, socket, peer } = connected();
      peer.write(new Uint8Array(2400).fill(7));
      assert.equal(bench.after(1), "readable 1000");
      assert.equal(peer.unsent, 1400);
      assert.equal(bench.after(1000), "");
      socket.consume(400);
      // Less than half of the window is not worth a segment.
      assert.equal(bench.after(1), "");
      socket.consume(200);
      assert.equal(bench.after(1), "readable 1000");
      assert.equal(socket.peek().length, 1000);
      assert.throws(() => socket.consume(1001), /invalid/);
      socket.consume(1000);
      assert.equal(bench.after(1), "readable 400, readable 800, peer drain");
    });

    it("takes the time and the chunks of its link", () => {
      const { bench, peer } = connected({ link: { latencyMs: 50, bytesPerSecond: 1000, chunkBytes: 100 } });
      peer.write(new Uint8Array(200));
      assert.equal(bench.after(149), "");
      assert.equal(bench.after(1), "readable 100");
      assert.equal(bench.after(100), "readable 200, peer drain");
    });

    it("keeps as much on the way as the window holds, and hears a trip later of what was read", () => {
      const { bench, socket, peer } = connected({ link: { latencyMs: 50, bytesPerSecond: 10_000, chunkBytes: 500 } });
      peer.write(new Uint8Array(2000));
      assert.equal(bench.after(100), "readable 500");
      assert.equal(bench.after(50), "readable 1000");
      assert.equal(bench.after(1000), "");
      socket.consume(500);
      assert.equal(bench.after(149), "");
      assert.equal(bench.after(1), "readable 1000");
    });

    it("goes on while the board is busy, up to the window, and the board hears of it afterwards", () => {
      const { bench, socket, peer } = connected({ link: { latencyMs: 50, bytesPerSecond: 10_000 } });
      peer.onData = () => peer.write(new Uint8Array(1000));
      socket.write(new Uint8Array(10));
      bench.clock.block(500);
      assert.deepEqual(bench.log, []);
      assert.equal(bench.after(0), "writable 1000, readable 1000, peer drain");
      socket.consume(1000);
      socket.write(new Uint8Array(10));
      bench.clock.block(100);
      // One trip there, the bytes, and one trip back, of which the board was busy for most.
      assert.equal(bench.after(99), "writable 1000");
      assert.equal(bench.after(2), "readable 1000, peer drain");
    });

    it("reads a TLS record out of a window that is smaller, and no further one while that one is unread", () => {
      const bench = new Bench({
        link: { latencyMs: 50, bytesPerSecond: 100_000 },
        listen: { certificate: { names: [HOST], notBefore: 0, notAfter: Number.POSITIVE_INFINITY } },
      });
      const socket = bench.connect({ now: 1 });
      assert.equal(bench.after(1000), `connected ${WINDOW}`);
      bench.peer?.write(new Uint8Array(5000));
      bench.peer?.write(new Uint8Array(5000));
      assert.equal(bench.after(10_000), "readable 5000");
      socket.consume(5000);
      const began = bench.clock.now();
      bench.clock.runUntil(() => bench.log.length > 0, 10_000);
      // One window of the second record is there already: it takes five round trips, and not six.
      assert.ok(bench.clock.now() - began < 600, `${bench.clock.now() - began} ms`);
    });

    it("delivers what was written before close, and nothing to the device after it", () => {
      const { bench, socket, peer } = connected({ link: { latencyMs: 10 } });
      socket.write(new Uint8Array(5));
      peer.write(new Uint8Array(5));
      socket.close();
      socket.close();
      assert.equal(bench.after(100), "peer 5, peer end");
      assert.equal(bench.network.openConnections, 0);
      assert.equal(socket.write(new Uint8Array(1)), -1);
    });

    it("loses what is under way when the board loses power", () => {
      const { bench, socket } = connected({ link: { latencyMs: 10 } });
      socket.write(new Uint8Array(5));
      socket.destroy();
      assert.equal(bench.after(100), "peer end");
    });

    it("tells of the peer's end only after its bytes were consumed", () => {
      const { bench, socket, peer } = connected();
      peer.write(new Uint8Array(5));
      peer.end();
      assert.equal(bench.after(10), "readable 5, peer drain");
      socket.consume(5);
      assert.equal(bench.after(10), "peer end, error");
      assert.equal(socket.write(new Uint8Array(1)), -1);
    });
  });

  describe("faults", () => {
    const upset = (fate: ReturnType<NonNullable<Faults["toDevice"]>>) =>
      connected({
        link: { chunkBytes: 100 },
        faults: { toDevice: ({ index }) => (index === 1 ? fate : undefined) },
      });

    it("stall: nothing more arrives, and nobody is told", () => {
      const { bench, peer } = upset("stall");
      peer.write(new Uint8Array(300));
      assert.equal(bench.after(1_000_000), "readable 100");
    });

    it("reset: both ends are told", () => {
      const { bench, peer } = upset("reset");
      peer.write(new Uint8Array(300));
      assert.equal(bench.after(10), "readable 100, peer end, error");
    });

    it("half-close: the device reads what came before and hears of the end", () => {
      const { bench, socket, peer } = upset("half-close");
      peer.write(new Uint8Array(300));
      assert.equal(bench.after(10), "readable 100");
      socket.consume(100);
      assert.equal(bench.after(10), "peer end, error");
    });

    it("drop, change and delay one chunk", () => {
      for (const [fate, expected] of [
        ["drop", "readable 100, readable 200, peer drain"],
        [{ bytes: new Uint8Array(7) }, "readable 100, readable 107, readable 207, peer drain"],
      ] as const) {
        const { bench, peer } = upset(fate);
        peer.write(new Uint8Array(300));
        assert.equal(bench.after(10), expected);
      }
      const { bench, peer } = upset({ delayMs: 500 });
      peer.write(new Uint8Array(300));
      assert.equal(bench.after(499), "readable 100");
      assert.equal(bench.after(1), "readable 200, readable 300, peer drain");
    });

    it("upset the other direction alike", () => {
      const { bench, socket } = connected({ faults: { toPeer: ({ offset }) => (offset >= 10 ? "stall" : undefined) } });
      socket.write(new Uint8Array(10));
      assert.equal(bench.after(1), "peer 10, writable 1000");
      socket.write(new Uint8Array(10));
      assert.equal(bench.after(1_000_000), "");
    });

    it("end every connection when the network goes away", () => {
      const { bench } = connected();
      bench.network.resetConnections();
      assert.equal(bench.after(0), "peer end, error");
    });
  });

  describe("TLS", () => {
    const NOW = Date.UTC(2026, 5, 1);
    const certificate = {
      names: [HOST, "*.wild.test"],
      notBefore: Date.UTC(2026, 0, 1),
      notAfter: Date.UTC(2027, 0, 1),
    };

    const attempt = (secure: Partial<SecureOptions>, listen: ListenOptions = { certificate }): string => {
      const bench = new Bench({ listen });
      bench.connect({ now: NOW, ...secure });
      return bench.after(100);
    };

    it("connects by name, by wildcard, and without any check", () => {
      const good = `connected ${WINDOW}`;
      assert.equal(attempt({}), good);
      assert.equal(attempt({ serverName: "a.wild.test" }), good);
    });

    it("refuses another name, two labels under a wildcard, an untrusted root", () => {
      assert.match(attempt({ serverName: "x.test" }), /^tls name: the certificate names .*, not x\.test$/);
      assert.match(attempt({ serverName: "a.b.wild.test" }), /^tls name: the certificate names /);
      assert.equal(attempt({}, { certificate: { ...certificate, trusted: false } }), `tls ${TLS_FAILURES.authority}`);
    });

    it("refuses by the board's own clock: 1970, and after the end", () => {
      assert.equal(attempt({ now: 5000 }), `tls ${TLS_FAILURES.date}`);
      assert.equal(attempt({ now: Date.UTC(2028, 0, 1) }), `tls ${TLS_FAILURES.date}`);
    });

    it("refuses a device without certificate, other protocols, and a port that speaks no TLS", () => {
      assert.match(attempt({}, { certificate, requireClientCertificate: true }), /^tls protocol: /);
      assert.match(attempt({ alpn: ["h2"] }, { certificate, alpn: ["x-amzn-mqtt-ca"] }), /^tls protocol: /);
      assert.match(attempt({}, { certificate, alpn: ["x-amzn-mqtt-ca"] }), /^tls protocol: alert: no_application/);
      assert.match(attempt({}, {}), /^tls protocol: HTTP in the place of TLS/);
    });

    it("refuses a client key that the SDK cannot read", () => {
      const clientCertificates = [Uint8Array.of(0x30)];
      assert.equal(attempt({ clientCertificates, clientKey: Uint8Array.of(1, 2) }), `tls ${TLS_FAILURES.clientKey}`);
    });

    it("fails as a fault says", () => {
      const bench = new Bench({
        listen: { certificate },
        faults: { connect: () => ({ tlsFailure: "protocol: alert: 2, 51" }) },
      });
      bench.connect({ now: NOW });
      assert.equal(bench.after(100), "tls protocol: alert: 2, 51");
    });

    it("shows one record at a time, whole", () => {
      const bench = new Bench({ listen: { certificate } });
      const socket = bench.connect({ now: NOW });
      bench.after(10);
      bench.peer?.write(new Uint8Array(5000));
      bench.peer?.write(new Uint8Array(10));
      assert.equal(bench.after(10), "readable 5000");
      socket.consume(4999);
      assert.equal(bench.after(10), "");
      socket.consume(1);
      assert.equal(bench.after(10), "readable 10, peer drain");
    });

    it("tells the listener name, protocol and certificates", () => {
      const bench = new Bench({ listen: { certificate, alpn: ["mqtt"] } });
      bench.connect({ now: NOW, alpn: ["x", "mqtt"] });
      bench.after(10);
      assert.equal(bench.peer?.serverName, HOST);
      assert.equal(bench.peer?.alpn, "mqtt");
      assert.deepEqual(bench.peer?.clientCertificates, []);
    });
  });

  it("tells the time, wrong by as much as it is told, or not at all", () => {
    const { network, clock } = new Bench();
    const ask = (): number | undefined => {
      let answer: number | undefined = -1;
      network.time("pool.test", (seconds) => {
        answer = seconds;
      });
      clock.advance(10);
      return answer;
    };
    const seconds = Math.floor(clock.now() / 1000);
    assert.equal(ask(), seconds);
    network.timeError = 60_000;
    assert.equal(ask(), seconds + 60);
    network.timeError = undefined;
    assert.equal(ask(), undefined);
  });
});
