/**
 * The server's side of one TLS 1.2 handshake, message by message, so that a test can leave messages out, send them
 * twice, at the wrong time, or with any content. Speaks ECDHE on P-256 with AES-128-GCM.
 */
import { createECDH, createHash, type ECDH, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Socket } from "node:net";
import { prf, type SessionKeys, sessionKeys, VERSION } from "./tls12-keys.js";

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

const CLIENT_HELLO = 1;
const CLIENT_KEY_EXCHANGE = 16;
const FINISHED = 20;

export const ECDHE_RSA = 0xc02f;
export const ECDHE_ECDSA = 0xc02b;

export type HelloFields = {
  readonly version?: number;
  readonly suite?: number;
  readonly sessionId?: Buffer;
  /** Behind those that the client's hello calls for. */
  readonly extensions?: readonly Buffer[];
};

export type KeyExchangeFields = {
  readonly curve?: number;
  readonly algorithm?: readonly [hash: number, signature: number];
  /** Default: the right one. */
  readonly signature?: Buffer;
};

/** What a server does when the hello, and later the client's proof that it has the keys, has arrived. */
export type Script = {
  readonly certificates: readonly Uint8Array[];
  readonly key: KeyObject;
  readonly first: (server: Tls12Server) => void;
  readonly second: (server: Tls12Server) => void;
};

export const vector = (size: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(parts);
  const length = Buffer.alloc(size);
  length.writeUIntBE(bytes.length, 0, size);
  return Buffer.concat([length, bytes]);
};

const short = (value: number) => Buffer.of(value >> 8, value & 255);
export const extension = (type: number, data: Buffer) => Buffer.concat([short(type), vector(2, data)]);

export class Tls12Server {
  readonly #socket: Socket;
  readonly #scriptFor: (serverName: string) => Script | undefined;
  readonly #serverRandom = randomBytes(32);
  readonly #share: ECDH = createECDH("prime256v1");
  readonly #transcript: Buffer[] = [];
  #script: Script | undefined;
  #received = Buffer.alloc(0);
  #clientRandom = Buffer.alloc(0);
  #wantsRenegotiationInfo = false;
  #keys: SessionKeys | undefined;
  #encryptedFrom = false;
  #encryptedTo = false;

  constructor(socket: Socket, scriptFor: (serverName: string) => Script | undefined) {
    this.#socket = socket;
    this.#scriptFor = scriptFor;
    this.#share.generateKeys();
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  hello({ version = 0x0303, suite, sessionId = Buffer.alloc(0), extensions = [] }: HelloFields = {}): void {
    const chosen = suite ?? (this.#certificateKind() === "rsa" ? ECDHE_RSA : ECDHE_ECDSA);
    // OpenSSL's client insists on it.
    const answers = this.#wantsRenegotiationInfo ? [extension(0xff01, Buffer.of(0))] : [];
    const list = [...answers, ...extensions];
    this.message(
      2,
      short(version),
      this.#serverRandom,
      vector(1, sessionId),
      short(chosen),
      Buffer.of(0),
      ...(list.length === 0 ? [] : [vector(2, ...list)]),
    );
  }

  certificate(certificates: readonly Uint8Array[] = this.#script?.certificates ?? []): void {
    this.message(11, vector(3, ...certificates.map((certificate) => vector(3, certificate))));
  }

  keyExchange({ curve = 23, algorithm, signature }: KeyExchangeFields = {}): void {
    const { key } = this.#script ?? {};
    const params = Buffer.concat([Buffer.of(3), short(curve), vector(1, this.#share.getPublicKey())]);
    const [hash, kind] = algorithm ?? [4, this.#certificateKind() === "rsa" ? 1 : 3];
    const signed = Buffer.concat([this.#clientRandom, this.#serverRandom, params]);
    const made = signature ?? (key === undefined ? Buffer.alloc(0) : sign("sha256", signed, key));
    this.message(12, params, Buffer.of(hash, kind), vector(2, made));
  }

  certificateRequest(): void {
    this.message(13, vector(1, Buffer.of(1, 64)), vector(2, Buffer.of(4, 1, 4, 3)), vector(2));
  }

  /** No part of what the end of the handshake proves. [RFC 5246, 7.4.1.1] */
  helloRequest(): void {
    this.#record(HANDSHAKE, Buffer.alloc(4));
  }

  helloDone(): void {
    this.message(14);
  }

  changeCipherSpec(): void {
    this.#record(CHANGE_CIPHER_SPEC, Buffer.of(1));
    this.#encryptedTo = this.#keys !== undefined;
  }

  finished(): void {
    const master = this.#keys?.master ?? Buffer.alloc(48);
    this.message(FINISHED, prf(master, "server finished", this.#digest(), 12));
  }

  data(bytes: Buffer): void {
    this.#record(APPLICATION_DATA, bytes);
  }

  alert(level: number, description: number): void {
    this.#record(ALERT, Buffer.of(level, description));
  }

  /** Bytes that are no record. */
  plain(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  message(type: number, ...parts: readonly Uint8Array[]): void {
    const whole = Buffer.concat([Buffer.of(type), vector(3, ...parts)]);
    this.#transcript.push(whole);
    this.#record(HANDSHAKE, whole);
  }

  #record(type: number, text: Buffer): void {
    const fragment = this.#encryptedTo && this.#keys !== undefined ? this.#keys.toClient.seal(type, text) : text;
    if (this.#socket.writable) this.#socket.write(Buffer.concat([Buffer.of(type), VERSION, vector(2, fragment)]));
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 5 && this.#received.length >= 5 + this.#received.readUInt16BE(3)) {
      const [type = 0] = this.#received;
      const end = 5 + this.#received.readUInt16BE(3);
      const fragment = this.#received.subarray(5, end);
      this.#received = this.#received.subarray(end);
      try {
        this.#dispatch(type, this.#encryptedFrom && this.#keys ? this.#keys.fromClient.open(type, fragment) : fragment);
      } catch {
        // A client that does not keep to the protocol is of no use here.
        this.#socket.destroy();
      }
    }
  }

  #dispatch(type: number, text: Buffer): void {
    if (type === CHANGE_CIPHER_SPEC) this.#encryptedFrom = true;
    if (type === APPLICATION_DATA) this.data(text);
    if (type !== HANDSHAKE) return;
    for (let rest = text; rest.length >= 4; ) {
      const end = 4 + rest.readUIntBE(1, 3);
      const message = rest.subarray(0, end);
      rest = rest.subarray(end);
      this.#handshake(message[0] ?? 0, message);
    }
  }

  #handshake(type: number, message: Buffer): void {
    this.#transcript.push(message);
    const body = message.subarray(4);
    if (type === CLIENT_HELLO) {
      this.#script = this.#scriptFor(this.#readHello(body));
      this.#script?.first(this);
    } else if (type === CLIENT_KEY_EXCHANGE) {
      const premaster = this.#share.computeSecret(body.subarray(1, 1 + (body[0] ?? 0)));
      this.#keys = sessionKeys(premaster, this.#clientRandom, this.#serverRandom);
    } else if (type === FINISHED) {
      this.#script?.second(this);
    }
  }

  /** The name that the client asks for. */
  #readHello(body: Buffer): string {
    this.#clientRandom = Buffer.from(body.subarray(2, 34));
    let at = 35 + (body[34] ?? 0);
    const suites = body.subarray(at + 2, at + 2 + body.readUInt16BE(at));
    at += 2 + suites.length;
    at += 1 + (body[at] ?? 0) + 2;
    let name = "";
    for (let i = 0; i + 1 < suites.length; i += 2)
      if (suites.readUInt16BE(i) === 0xff) this.#wantsRenegotiationInfo = true;
    while (at + 4 <= body.length) {
      const [type, length] = [body.readUInt16BE(at), body.readUInt16BE(at + 2)];
      const data = body.subarray(at + 4, at + 4 + length);
      if (type === 0) name = data.toString("latin1", 5);
      if (type === 0xff01) this.#wantsRenegotiationInfo = true;
      at += 4 + length;
    }
    return name;
  }

  #certificateKind(): "rsa" | "ec" {
    return this.#script?.key.asymmetricKeyType === "ec" ? "ec" : "rsa";
  }

  #digest(): Buffer {
    return createHash("sha256").update(Buffer.concat(this.#transcript)).digest();
  }
}
