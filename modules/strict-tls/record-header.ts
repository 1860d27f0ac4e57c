import { TlsRefusal } from "./errors.js";

const HEADER_LENGTH = 5;
const FIRST_TYPE = 20; // change_cipher_spec
const LAST_TYPE = 23; // application_data
const MAJOR_VERSION = 3;
/** A plain text of 16 KiB, and what encryption may add. [RFC 5246, 6.2.3] */
const MAX_LENGTH = 16_384 + 2048;
/** "HTTP/" */
const HTTP = Object.freeze([0x48, 0x54, 0x54, 0x50, 0x2f]);

/**
 * Ends a connection whose other side does not speak TLS. Taken for a record, its bytes would be a long one that never
 * comes to its end: a captive portal or proxy that answers with HTTP would look like a server that is silent.
 * @param header the first bytes of a record, or less than a header of them
 * @throws TlsRefusal `protocol`
 */
export function requireRecord(header: Uint8Array): void {
  if (header.length < HEADER_LENGTH) return;
  const [type = 0, major, , high = 0, low = 0] = header;
  const isRecord = type >= FIRST_TYPE && type <= LAST_TYPE && major === MAJOR_VERSION && high * 256 + low <= MAX_LENGTH;
  if (isRecord) return;
  const isHttp = HTTP.every((byte, index) => header[index] === byte);
  throw new TlsRefusal("protocol", isHttp ? "HTTP in the place of TLS: a proxy or portal" : "no TLS in the answer");
}
