import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { LoopbackNetwork, TLS_FAILURES } from "../../../host-sim/board/network/index.js";
import type { BoardSocket, SecureOptions } from "../../../host-sim/board/network-backend.js";
import { type Peers, startPeers } from "../../contract/support/peers.js";

const ADDRESS = "127.0.0.1";

/** A connection with a journal; `until` resolves when a line begins with the text. */
class Probe {
  readonly log: string[] = [];
  readonly socket: BoardSocket;
  #wake: () => void = () => undefined;

  constructor(network: LoopbackNetwork, port: number, secure?: SecureOptions) {
    const note = (line: string): void => {
      this.log.push(line);
      this.#wake();
    };
    this.socket = network.connect(
      { address: ADDRESS, port, ...(secure && { secure }) },
      {
        connected: (writable) => note(`connected ${writable}`),
        readable: (available) => note(`readable ${available}`),
        writable: (writable) => note(`writable ${writable}`),
        error: () => note("error"),
        tlsFailure: (message) => note(`tls ${message}`),
      },
    );
  }

  async until(text: string): Promise<string> {
    for (;;) {
      const line = this.log.find((entry) => entry.startsWith(text));
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

describe("the network on real sockets", () => {
  let peers: Peers;
  let server: Server;
  let port = 0;
  let accepted: Promise<Socket>;

  before(async () => {
    peers = await startPeers();
  });

  after(() => peers.close());

  beforeEach(async () => {
    server = createServer();
    accepted = new Promise((resolve) => {
      server.once("connection", (socket) => {
        socket.on("error", () => undefined);
        resolve(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, ADDRESS, resolve));
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });

  afterEach(() => server.close());

  function secure(options: Partial<SecureOptions> = {}): SecureOptions {
    const { resources } = peers.certificates;
    const file = (name: string): Uint8Array => resources[name] ?? new Uint8Array(0);
    return {
      serverName: "device.contract.test",
      certificates: [file("ca.der")],
      clientCertificates: [file("client.der")],
      clientKey: file("client-key.der"),
      ...options,
    };
  }

  const SERVER = "192.0.2.53";

  it("resolves its own names, with a wildcard too, and asks the system for others", async () => {
    const network = new LoopbackNetwork({ hosts: { "iot.test": ADDRESS, "*.s3.test": "127.0.0.2" } });
    const resolve = (host: string) => new Promise((done) => network.resolve(host, SERVER, done));
    assert.equal(await resolve("iot.test"), ADDRESS);
    assert.equal(await resolve("bucket.s3.test"), "127.0.0.2");
    assert.equal(await resolve("no such name"), undefined);
    network.resolve("iot.test", SERVER, () => assert.fail("cancelled"))();
  });

  it("holds the peer back while the guest does not read", async () => {
    const total = 8_000_000;
    const probe = new Probe(new LoopbackNetwork({ window: 1000 }), port);
    const peer = await accepted;
    peer.write(Buffer.alloc(total));
    assert.equal(await probe.until("readable 1000"), "readable 1000");
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(peer.writableLength > 0, "the rest waits at the peer");
    assert.equal(probe.socket.peek().length, 1000);
    probe.log.length = 0;
    probe.socket.consume(1000);
    assert.equal(await probe.until("readable"), "readable 1000");
    probe.socket.destroy();
    peer.destroy();
  });

  it("sends what was written before close, and resets when the power goes", async () => {
    const probe = new Probe(new LoopbackNetwork({ window: 1000 }), port);
    const peer = await accepted;
    const received = new Promise<string>((resolve) => {
      let text = "";
      peer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      peer.on("end", () => resolve(text));
    });
    await probe.until("connected");
    assert.equal(probe.socket.write(Buffer.from("bye")), 997);
    probe.socket.close();
    probe.socket.close();
    assert.equal(await received, "bye");
    assert.equal(probe.socket.write(Buffer.from("x")), -1);
  });

  it("is reset when the board loses power", async () => {
    const probe = new Probe(new LoopbackNetwork(), port);
    const peer = await accepted;
    await probe.until("connected");
    const closed = new Promise<boolean>((resolve) => peer.once("close", resolve));
    probe.socket.destroy();
    assert.equal(await closed, true, "closed with an error");
  });

  it("connects over TLS 1.2 with the device's certificate", async () => {
    const probe = new Probe(
      new LoopbackNetwork({ window: 1000 }),
      peers.config.tlsPort ?? 0,
      secure({ now: Date.now() }),
    );
    assert.equal(await probe.until(""), "connected 1000");
    probe.socket.write(Buffer.from("hello"));
    assert.equal(await probe.until("readable"), "readable 5");
    probe.socket.close();
  });

  it("refuses certificates by the board's clock, by name and by root", async () => {
    const network = new LoopbackNetwork();
    const attempt = (name: string, options: Partial<SecureOptions> = {}) =>
      new Probe(network, peers.config[name] ?? 0, secure(options)).until("");
    assert.equal(await attempt("tlsPort", { now: 3_600_000 }), `tls ${TLS_FAILURES.date}`);
    assert.equal(await attempt("tlsExpiredPort"), `tls ${TLS_FAILURES.date}`);
    assert.match(await attempt("tlsOtherNamePort"), /^tls name: the certificate names .*, not /);
    assert.equal(await attempt("tlsOtherRootPort"), `tls ${TLS_FAILURES.authority}`);
    assert.equal(await attempt("tlsPort", { certificates: [] }), `tls ${TLS_FAILURES.authority}`);
  });

  it("refuses an EC key, and reports an unreachable TLS port as the end of the connection", async () => {
    const network = new LoopbackNetwork();
    const key = peers.certificates.resources["client-ec-key.der"] ?? new Uint8Array(0);
    const ec = new Probe(network, peers.config.tlsPort ?? 0, secure({ clientKey: key }));
    assert.equal(await ec.until(""), `tls ${TLS_FAILURES.clientKey}`);
    const closed = new Probe(network, peers.config.closedPort ?? 0, secure());
    assert.equal(await closed.until(""), "error");
  });

  it("tells this computer's time", async () => {
    const seconds = await new Promise<number | undefined>((resolve) => new LoopbackNetwork().time("x", resolve));
    assert.ok(Math.abs((seconds ?? 0) - Date.now() / 1000) < 5);
  });
});
