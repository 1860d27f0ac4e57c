/**
 * The part of the Moddable SDK that `device-ports` and `src` use, as it really behaves in SDK 8.2. Used where the SDK
 * is absent (Node's type check, editors). In an `mcconfig` build the SDK's own typings take this file's place; the
 * modules they lack are untyped there.
 */

declare function trace(...text: string[]): void;

declare module "timer" {
  class Timer {
    private constructor();
    private brand: boolean;
    /** Calls `callback` once after `interval` ms (0 = on the next turn). */
    static set(callback: (timer: Timer) => void, interval?: number): Timer;
    /** `undefined` and timers that already fired are accepted. */
    static clear(timer: Timer | undefined | null): void;
    /** Blocks everything for `ms`; longer than the task watchdog allows ends the program. */
    static delay(ms: number): void;
  }

  export { Timer as default };
}

declare module "time" {
  const Time: {
    /** Sets the clock, in seconds since 1970. */
    set(seconds: number): void;
    /** Milliseconds as a signed 32-bit number that wraps; only differences by `delta` mean something. */
    readonly ticks: number;
    delta(start: number, end?: number): number;
  };
  export default Time;
}

declare module "preference" {
  const Preference: {
    set(domain: string, key: string, value: string | boolean | number | ArrayBuffer): void;
    get(domain: string, key: string): string | boolean | number | ArrayBuffer | undefined;
    delete(domain: string, key: string): void;
  };

  export { Preference as default };
}

declare module "Resource" {
  interface ResourcePrototype {
    readonly byteLength: number;
    slice(begin: number, end?: number): ArrayBuffer;
  }
  const Resource: { new (path: string): ResourcePrototype; exists(path: string): boolean };

  export { Resource as default };
}

declare module "crypt" {
  type DigestType = "MD5" | "SHA1" | "SHA224" | "SHA256" | "SHA384" | "SHA512";
  export class Digest {
    constructor(type: DigestType);
    write(message: string | ArrayBuffer): void;
    close(): ArrayBuffer;
  }
}

declare module "file" {
  export class File {
    constructor(path: string, write?: boolean);
    read<T extends typeof ArrayBuffer | typeof String>(
      type: T,
      bytes?: number,
    ): T extends typeof String ? string : ArrayBuffer;
    write(value: ArrayBuffer | string): void;
    close(): void;
    readonly length: number;
    position: number;
    static exists(path: string): boolean;
    static delete(path: string): boolean;
    static rename(from: string, to: string): boolean;
  }
}

declare module "mc/config" {
  const config: Record<string, unknown>;
  export default config;
}

declare module "mc/ffi" {
  /** One own property for each function of the manifests' `ffi` sections. */
  interface FFI {
    [name: string]: (...args: (number | ArrayBuffer)[]) => number;
  }
  const FFI: { new (): FFI };
  export default FFI;
}

declare module "net" {
  const Net: {
    /** "DNS": addresses of the servers, on the ESP32; `undefined` elsewhere. */
    get(property: "DNS"): unknown;
  };
  export default Net;
}

declare module "sntp" {
  class SNTP {
    static readonly time: 1;
    static readonly retry: 2;
    static readonly error: -1;
    constructor(options: { host: string }, callback: (message: 1 | 2 | -1, value?: number) => void);
    close(): void;
  }

  export { SNTP as default };
}

declare module "embedded:network/interface/wifi" {
  class WiFi {
    constructor(options: { onChanged?: (property: "connection" | "address") => void });
    connect(options: { SSID: string; password?: string; secure?: boolean }): void;
    disconnect(): void;
    close(): void;
    /** At most 200: disconnected; 400 and up: associated; 500 and up: has an address. */
    readonly connection: number;
    readonly address: string | undefined;
  }
  export default WiFi;
}

declare module "embedded:io/socket/tcp" {
  export default class TCP {
    constructor(options: object);
    close(): void;
  }
}

declare module "embedded:io/socket/udp" {
  export default class UDP {
    constructor(options: object);
    close(): void;
  }
}

declare module "embedded:io/socket/tcp/tls" {
  export default class TLSSocket {
    constructor(options: object);
    close(): void;
  }
}

declare module "embedded:network/dns/resolver/udp" {
  export default class Resolver {
    constructor(options: object);
    close(): void;
  }
}

declare module "embedded:network/mqtt/client" {
  export default class MQTTClient {
    constructor(options: object);
    close(): void;
  }
}

declare module "embedded:storage/flash" {
  const flash: { open(options: { path: string; mode?: "r" | "r+" }): unknown };
  export default flash;
}

// In no typings, neither the SDK's own nor the published ones.

declare module "ecp" {
  class ECPoint {
    /** `octets`: 0x04, x, y. Throws for any other form; does not check that the point lies on a curve. */
    static fromOctetString(octets: Uint8Array): ECPoint;
    private brand: boolean;
  }
  export default ECPoint;
}

declare module "curve" {
  export default class Curve {
    constructor(name: "secp256r1" | "secp384r1");
  }
}

declare module "ecdsa" {
  import type Curve from "curve";
  import type ECPoint from "ecp";
  export default class ECDSA {
    constructor(key: ECPoint, curve: Curve, isPrivate: boolean);
    /** `signature`: r then s, each of the curve's size. Never returns for s = 0: check the range first. */
    verify(digest: ArrayBuffer, signature: ArrayBuffer): boolean;
  }
}
