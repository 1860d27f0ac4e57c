/**
 * The SDK as the firmware sees it on host-sim: one table from specifier to module, on top of the board's host calls.
 * Engines evaluate the bundle of this file with `host` in scope and use the two functions it exports.
 */
import config from "./config.js";
import cryptDefault, { Digest } from "./crypt.js";
import Resolver from "./dns-resolver.js";
import { Curve, ECDSA, ECPoint } from "./ecdsa.js";
import FFI from "./ffi.js";
import flash from "./flash.js";
import { installGlobals } from "./globals.js";
import HTTPClient from "./http-client.js";
import Instrumentation from "./instrumentation.js";
import MQTTClient from "./mqtt-client.js";
import Net from "./net.js";
import Preference from "./preference.js";
import Resource from "./resource.js";
import SNTP from "./sntp.js";
import type { SDK_SPECIFIERS } from "./specifiers.js";
import CertificateManager from "./ssl-cert.js";
import TCP from "./tcp.js";
import Time from "./time.js";
import Timer from "./timer.js";
import TLSSocket from "./tls-socket.js";
import UDP from "./udp.js";
import WiFi from "./wifi.js";

export { dispatch } from "./host.js";

interface SdkModule {
  readonly default: unknown;
  readonly [name: string]: unknown;
}

installGlobals();

const modules: Readonly<Record<string, SdkModule>> = {
  timer: { default: Timer },
  time: { default: Time },
  crypt: { default: cryptDefault, Digest },
  ecdsa: { default: ECDSA },
  ecp: { default: ECPoint },
  curve: { default: Curve },
  preference: { default: Preference },
  Resource: { default: Resource },
  net: { default: Net },
  sntp: { default: SNTP },
  instrumentation: { default: Instrumentation },
  "ssl/cert": { default: CertificateManager },
  // The board's TLS checks the server by itself.
  "ssl/strict": { default: () => [] },
  "mc/config": { default: config },
  "mc/ffi": { default: FFI },
  "embedded:io/socket/tcp": { default: TCP },
  "embedded:io/socket/tcp/tls": { default: TLSSocket },
  "embedded:io/socket/udp": { default: UDP },
  "embedded:network/dns/resolver/udp": { default: Resolver },
  "embedded:network/mqtt/client": { default: MQTTClient },
  "embedded:network/http/client": { default: HTTPClient },
  "embedded:network/interface/wifi": { default: WiFi },
  "embedded:storage/flash": { default: flash },
} satisfies Record<keyof typeof SDK_SPECIFIERS, SdkModule>;

// The SDK's modules are preloaded, and preload freezes classes and their prototypes.
for (const module of Object.values(modules)) {
  for (const value of Object.values(module)) {
    if (typeof value !== "function") continue;
    Object.freeze(value);
    Object.freeze(value.prototype);
  }
  Object.defineProperty(module, "__esModule", { value: true });
}

/** The module behind an SDK specifier; throws as XS does for one that no manifest maps. */
export function require(specifier: string): SdkModule {
  const module = Object.hasOwn(modules, specifier) ? modules[specifier] : undefined;
  if (module === undefined) throw new Error(`module not found: ${specifier}`);
  return module;
}
