/**
 * The SDK's TLS as far as `strict-tls` touches it, as it really behaves in SDK 8.2. Used where the SDK is absent; see
 * `device-ports/sdk.d.ts`. The specifiers that are numbers are the SDK's own files under other names; see
 * `strict-tls/manifest.json`.
 */

declare module "rsa" {
  export default class RSA {
    constructor(exponent: bigint, modulus: bigint);
    /** `base` to the power of the exponent, modulo the modulus. */
    process(base: bigint): bigint;
  }
}

declare module "pkcs8" {
  const PKCS8: {
    /** Reads an RSA private key. @throws Error for anything else */
    parse(key: Uint8Array): object;
  };
  export default PKCS8;
}

declare module "ssl/stream" {
  export default class SSLStream {
    constructor(bytes?: ArrayBuffer | Uint8Array);
    readonly bytesAvailable: number;
    /** @param reference a part of the same buffer instead of a copy */
    readChunk(count: number, reference: true): Uint8Array;
    readChunk(count: number): ArrayBuffer;
  }
}

declare module "ssl/constants" {
  export const ECDHE_RSA: number;
  export const AES: number;
  export const GCM: number;
  export const SHA256: number;
}

/** The SDK's `ssl/changecipher`. */
declare module "20" {
  const changeCipherSpec: {
    readonly name: string;
    unpacketize(session: object, fragment: Uint8Array): void;
    packetize(session: object, type?: number): ArrayBuffer | Uint8Array;
  };
  export default changeCipherSpec;
}

/** The SDK's `ssl/handshake`. */
declare module "22" {
  type Protocol = {
    readonly msgType: number;
    unpacketize(session: object, stream: object | undefined): void;
    packetize(session: object, ...parameters: unknown[]): ArrayBuffer | Uint8Array | undefined;
  };
  type HandshakeProtocol = {
    readonly name: string;
    unpacketize(session: object, stream: object): void;
    packetize(session: object, type: number, body: object): ArrayBuffer | Uint8Array;
    readonly helloRequest: Protocol;
    readonly clientHello: Protocol;
    readonly serverHello: Protocol;
    readonly certificate: Protocol;
    readonly serverKeyExchange: Protocol;
    readonly certificateRequest: Protocol;
    readonly serverHelloDone: Protocol;
    readonly clientKeyExchange: Protocol;
    readonly certificateVerify: Protocol;
    readonly finished: Protocol;
  };
  const handshakeProtocol: HandshakeProtocol;
  export default handshakeProtocol;
}

/** The SDK's `ssl/session`; its shape is in `sdk-session.ts`, since the SDK's build has no types for it either. */
declare module "419" {
  const SSLSession: unknown;
  export default SSLSession;
}
