/** What a server is refused for. Reports depend on the text: none is renamed. */
export type TlsRefusalReason =
  /**
   * The chain: a link is missing or malformed, an authority is none, a usage or a key is not allowed, no root is
   * trusted.
   */
  | "certificate"
  /** The server's own certificate does not name the host that was asked for. */
  | "name"
  /** A certificate of the chain is not valid yet, or not any more, by the device's clock. */
  | "date"
  /** A certificate or the key exchange is not signed by the key that it names. */
  | "signature"
  /** The handshake itself: order of messages, version, suite, curve, algorithm, framing, alerts. */
  | "protocol";

/** Why a TLS connection was ended by this side. The message begins with the reason and holds nothing secret. */
export class TlsRefusal extends Error {
  override readonly name = "TlsRefusal";
  readonly code = "tls";

  constructor(
    readonly reason: TlsRefusalReason,
    detail: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`${reason}: ${detail}`, options);
  }
}

/** Alerts that tell something about a device's settings. [RFC 5246, 7.2; RFC 6066, 9; RFC 7301, 3.2] */
const ALERTS: Readonly<Record<string, string>> = Object.freeze({
  "40": "handshake_failure",
  "42": "bad_certificate",
  "43": "unsupported_certificate",
  "44": "certificate_revoked",
  "45": "certificate_expired",
  "46": "certificate_unknown",
  "48": "unknown_ca",
  "49": "access_denied",
  "70": "protocol_version",
  "80": "internal_error",
  "112": "unrecognized_name",
  "116": "certificate_required",
  "120": "no_application_protocol",
});

/** Whatever is thrown below TLS, as the one class that leaves it. */
export function asRefusal(error: unknown): TlsRefusal {
  if (error instanceof TlsRefusal) return error;
  const said = error instanceof Error ? error.message || error.name : String(error);
  // So the SDK tells an alert of the server: level, number.
  const alert = ALERTS[/^alert: \d+, (\d+)$/.exec(said)?.[1] ?? ""];
  const text = alert === undefined ? said : `alert: ${alert}`;
  return new TlsRefusal("protocol", text, { cause: error });
}
