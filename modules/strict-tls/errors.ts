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

/** Whatever is thrown below TLS, as the one class that leaves it. */
export function asRefusal(error: unknown): TlsRefusal {
  if (error instanceof TlsRefusal) return error;
  const text = error instanceof Error ? error.message || error.name : String(error);
  return new TlsRefusal("protocol", text, { cause: error });
}
