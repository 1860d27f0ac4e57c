/** What the ClientHello of a session offered, read from the options by which the SDK wrote it. */
import cipherSuites from "ssl/ciphersuites";
import type { AlgorithmBytes } from "../algorithms.js";
import type { Offer } from "../server-hello.js";

type SessionOptions = { readonly [name: string]: unknown };

const EXTENSIONS: Readonly<Record<string, number>> = Object.freeze({
  tls_server_name: 0,
  tls_max_fragment_length: 1,
  tls_elliptic_curves: 10,
  tls_ec_point_formats: 11,
  tls_signature_algorithms: 13,
  tls_application_layer_protocol_negotiation: 16,
});

export function offerOf(options: SessionOptions): Offer {
  return {
    suites: cipherSuites.map(({ value: [high, low] }) => high * 256 + low),
    extensions: Object.keys(EXTENSIONS).flatMap((name) => (name in options ? (EXTENSIONS[name] ?? []) : [])),
    protocols: protocolsOf(options.tls_application_layer_protocol_negotiation),
  };
}

export function keyTypeOf(suite: number): "rsa" | "ec" {
  return cipherSuites.find(({ value: [high, low] }) => high * 256 + low === suite)?.signedWith ?? "rsa";
}

export function curvesOf({ tls_elliptic_curves: curves }: SessionOptions): readonly number[] {
  return Array.isArray(curves) ? curves.filter((curve): curve is number => typeof curve === "number") : [];
}

export function algorithmsOf({ tls_signature_algorithms: algorithms }: SessionOptions): readonly AlgorithmBytes[] {
  return Array.isArray(algorithms) ? algorithms.filter(isAlgorithm) : [];
}

function isAlgorithm(value: unknown): value is AlgorithmBytes {
  return (
    typeof value === "object" &&
    value !== null &&
    "hash" in value &&
    "sig" in value &&
    typeof value.hash === "number" &&
    typeof value.sig === "number"
  );
}

/** One protocol or several, each a text or bytes. */
function protocolsOf(value: unknown): Uint8Array[] {
  const list: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return list.flatMap((item) => {
    if (typeof item === "string") return [Uint8Array.from(item, (character) => character.charCodeAt(0))];
    if (item instanceof Uint8Array) return [item];
    return item instanceof ArrayBuffer ? [new Uint8Array(item)] : [];
  });
}
