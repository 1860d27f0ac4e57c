/**
 * One connection of the board on a real socket of this computer, with the device's buffers and the SDK's TLS on top.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type PeerCertificate, TLSSocket } from "node:tls";
import type { BoardSocket, SecureOptions, SocketEvents, SocketRequest } from "../network-backend.js";
import { ReceiveWindow } from "./receive-window.js";
import { clientKeyFailure, failureText, TLS_FAILURES } from "./tls-checks.js";

/** What the firmware offers in its ClientHello. */
const CIPHERS = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256";
const SIGNATURES = "ECDSA+SHA256:RSA+SHA256";

function pem(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;
}

/** Errors of the connection below the handshake reach the guest as the end of the connection. */
function isConnectionError(error: Error): boolean {
  return /^E[A-Z]+$/.test("code" in error ? String(error.code) : "");
}

function openTls(request: SocketRequest, secure: SecureOptions): TLSSocket {
  const { serverName, certificates = [], clientCertificates = [], clientKey } = secure;
  return connectTls({
    host: request.address,
    port: request.port,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.2",
    ciphers: CIPHERS,
    sigalgs: SIGNATURES,
    ecdhCurve: "P-256",
    ca: certificates.map((certificate) => pem("CERTIFICATE", certificate)),
    rejectUnauthorized: true,
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => checkServerIdentity(serverName, certificate),
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(clientCertificates.length > 0 && clientKey !== undefined
      ? {
          cert: clientCertificates.map((certificate) => pem("CERTIFICATE", certificate)).join(""),
          key: pem("PRIVATE KEY", clientKey),
        }
      : {}),
    ...(secure.alpn && secure.alpn.length > 0 ? { ALPNProtocols: [...secure.alpn] } : {}),
  });
}

export class LoopbackSocket implements BoardSocket {
  readonly #events: SocketEvents;
  readonly #window: number;
  readonly #received: ReceiveWindow;
  #socket: Socket | undefined;
  #writable = 0;
  #established = false;
  #ended = false;

  constructor(request: SocketRequest, events: SocketEvents, window: number) {
    this.#events = events;
    this.#window = window;
    this.#received = new ReceiveWindow(window, request.secure !== undefined);
    const failure = clientKeyFailure(request.secure?.clientKey);
    this.#socket =
      request.secure === undefined || failure !== undefined
        ? connectTcp({ host: request.address, port: request.port })
        : openTls(request, request.secure);
    this.#listen(this.#socket, request.secure, failure);
  }

  write(bytes: Uint8Array): number {
    if (this.#socket === undefined || this.#ended) return -1;
    if (bytes.byteLength > this.#writable) throw new Error("would block");
    this.#writable -= bytes.byteLength;
    this.#socket.write(Uint8Array.from(bytes), () => this.#drained());
    return this.#writable;
  }

  peek(): Uint8Array {
    return this.#received.visible;
  }

  consume(count: number): void {
    this.#received.consume(count);
    setImmediate(() => this.#update());
  }

  close(): void {
    const socket = this.#take();
    socket?.destroySoon();
  }

  destroy(): void {
    const socket = this.#take();
    if (socket instanceof TLSSocket) socket.destroy();
    else socket?.resetAndDestroy();
  }

  #take(): Socket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    return socket;
  }

  #listen(socket: Socket, secure: SecureOptions | undefined, failure: string | undefined): void {
    socket.setNoDelay(true);
    socket.on(socket instanceof TLSSocket ? "secureConnect" : "connect", () => {
      const problem = failure ?? (secure === undefined ? undefined : dateFailure(socket, secure));
      if (problem !== undefined) {
        this.#fail(problem);
        return;
      }
      this.#established = true;
      this.#writable = this.#window;
      if (this.#socket !== undefined) this.#events.connected(this.#writable);
    });
    socket.on("data", (chunk: Buffer) => {
      this.#received.add(chunk);
      if (this.#received.length >= this.#window) socket.pause();
      this.#update();
    });
    socket.on("end", () => this.#end());
    socket.on("error", (error) => {
      if (secure === undefined || this.#established || isConnectionError(error)) this.#end();
      else this.#fail(failureText(error));
    });
    socket.on("close", () => this.#end());
  }

  #drained(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#ended || socket.writableLength > 0 || this.#writable === this.#window) return;
    this.#writable = this.#window;
    this.#events.writable(this.#writable);
  }

  /** Tells the guest of bytes it can see now; of the end only when it has read everything. */
  #update(): void {
    if (this.#socket === undefined) return;
    if (this.#received.reveal()) this.#events.readable(this.#received.visible.byteLength);
    if (this.#socket === undefined) return;
    if (this.#ended) {
      if (this.#received.length > 0) return;
      this.#take()?.destroy();
      this.#events.error();
    } else if (this.#received.length < this.#window && this.#socket.isPaused()) {
      this.#socket.resume();
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#update();
  }

  #fail(message: string): void {
    const socket = this.#take();
    if (socket === undefined) return;
    this.#ended = true;
    socket.destroy();
    this.#events.tlsFailure(message);
  }
}

/** The host's TLS compares dates with the host's clock; the board's may not be set yet. */
function dateFailure(socket: Socket, secure: SecureOptions): string | undefined {
  if (!(socket instanceof TLSSocket) || secure.now === undefined) return undefined;
  const certificate = socket.getPeerCertificate();
  const inside = Date.parse(certificate.valid_from) <= secure.now && secure.now <= Date.parse(certificate.valid_to);
  return inside ? undefined : TLS_FAILURES.date;
}
