/** SDK `ecp`, `curve` and `ecdsa`, as far as verifying P-256 signatures goes. The board does the arithmetic. */
import { concat, viewOf } from "./bytes.js";
import { callHost } from "./host.js";

const FIELD_BYTES = 32;
const UNCOMPRESSED = 4;

let octetsOf: (point: ECPoint) => Uint8Array;

/** Does not check that the point lies on a curve. */
export class ECPoint {
  readonly #octets: Uint8Array;

  static {
    octetsOf = (point) => point.#octets;
  }

  private constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  static fromOctetString(octets: Uint8Array): ECPoint {
    if (octets[0] !== UNCOMPRESSED) throw new Error("unsupported format");
    return new ECPoint(octets.slice());
  }
}

export class Curve {
  readonly orderSize = FIELD_BYTES;

  constructor(name: string) {
    if (name !== "secp256r1") throw new Error(`curve ${name} is not simulated`);
  }
}

/** An INTEGER of a signature without its sign byte, as 32 bytes. */
function fieldOf(content: Uint8Array): Uint8Array {
  const digits = content[0] === 0 ? content.subarray(1) : content;
  if (digits.length > FIELD_BYTES) throw new Error("BER: integer too large");
  return concat([new Uint8Array(FIELD_BYTES - digits.length), digits]);
}

function rawOf(der: Uint8Array): Uint8Array {
  const fields: Uint8Array[] = [];
  if (der[0] !== 0x30) throw new Error("BER: not a sequence");
  for (let offset = 2; fields.length < 2; ) {
    const length = der[offset + 1] ?? 0;
    if (der[offset] !== 0x02 || offset + 2 + length > der.length) throw new Error("BER: not an integer");
    fields.push(fieldOf(der.subarray(offset + 2, offset + 2 + length)));
    offset += 2 + length;
  }
  return concat(fields);
}

export class ECDSA {
  readonly #key: ECPoint;

  constructor(key: ECPoint, _curve: Curve, _isPrivate?: boolean) {
    this.#key = key;
  }

  /** `signature`: r then s, 32 bytes each, or DER with `asn1`. s = 0 hangs the board: callers check the range first. */
  verify(hash: unknown, signature: unknown, asn1?: boolean): boolean {
    const digest = viewOf(hash);
    const raw = asn1 === true ? rawOf(viewOf(signature)) : viewOf(signature);
    const s = raw.subarray(FIELD_BYTES, 2 * FIELD_BYTES);
    if (s.every((byte) => byte === 0)) {
      // The device's modular inverse of zero never ends; the watchdog does.
      for (;;) callHost("timer.delay", 60_000);
    }
    return callHost("ecdsa.verify", octetsOf(this.#key), digest.slice(), raw.slice()) === true;
  }
}
