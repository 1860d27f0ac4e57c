import { sameBytes } from "./bytes.js";
import { TlsRefusal } from "./errors.js";
import { TlsReader } from "./tls-reader.js";

/** What the ClientHello of this handshake offered. */
export type Offer = {
  /** Cipher suites as 16-bit numbers. */
  readonly suites: readonly number[];
  /** Types of the extensions. */
  readonly extensions: readonly number[];
  /** ALPN protocols; empty when none was asked for. */
  readonly protocols: readonly Uint8Array[];
};

const TLS_1_2 = 0x0303;
const MAX_SESSION_ID = 32;
const NO_COMPRESSION = 0;
const ALPN = 16;

/**
 * The cipher suite that the server chose.
 * @throws TlsRefusal `protocol` for anything that was not offered. [RFC 5246, 7.4.1.3 and 7.4.1.4] A server that does
 * not know ALPN may leave out its answer; an answer has to be one of the protocols asked for. [RFC 7301, 3.2]
 */
export function checkServerHello(body: Uint8Array, offer: Offer): number {
  const hello = new TlsReader(body, "server hello");
  const version = hello.number(2);
  if (version !== TLS_1_2) throw new TlsRefusal("protocol", `version ${version >> 8}.${version & 255}`);
  hello.bytes(32);
  if (hello.vector(1).length > MAX_SESSION_ID) throw new TlsRefusal("protocol", "malformed server hello");
  const suite = hello.number(2);
  if (!offer.suites.includes(suite)) throw new TlsRefusal("protocol", "a cipher suite that was not offered");
  if (hello.number(1) !== NO_COMPRESSION) throw new TlsRefusal("protocol", "a compression that was not offered");
  if (!hello.atEnd) checkExtensions(hello.vector(2), offer);
  hello.end();
  return suite;
}

function checkExtensions(block: Uint8Array, offer: Offer): void {
  const seen: number[] = [];
  for (const extensions = new TlsReader(block, "server hello"); !extensions.atEnd; ) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (seen.includes(type) || !offer.extensions.includes(type))
      throw new TlsRefusal("protocol", `extension ${type} was not offered, or came twice`);
    seen.push(type);
    if (type === ALPN) checkProtocol(data, offer.protocols);
  }
}

function checkProtocol(data: Uint8Array, protocols: readonly Uint8Array[]): void {
  const answer = new TlsReader(data, "ALPN answer");
  const list = new TlsReader(answer.vector(2), "ALPN answer");
  answer.end();
  const chosen = list.vector(1);
  list.end();
  if (!protocols.some((protocol) => sameBytes(protocol, chosen)))
    throw new TlsRefusal("protocol", "an application protocol that was not asked for");
}
