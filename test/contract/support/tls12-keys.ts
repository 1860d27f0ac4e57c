/**
 * Keys and record protection of TLS 1.2 with AES-128-GCM and SHA-256, as a server needs them. [RFC 5246, 5 and 6.3; RFC
 * 5288, 3]
 */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";

export const VERSION = Buffer.of(3, 3);

const TAG_BYTES = 16;
const NONCE_BYTES = 8;

export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const start = Buffer.concat([Buffer.from(label), seed]);
  const hmac = (...parts: Buffer[]) => createHmac("sha256", secret).update(Buffer.concat(parts)).digest();
  const out: Buffer[] = [];
  for (let a = hmac(start); out.length * 32 < length; a = hmac(a)) out.push(hmac(a, start));
  return Buffer.concat(out).subarray(0, length);
}

/** One direction. */
export class RecordCipher {
  readonly #key: Buffer;
  readonly #salt: Buffer;
  #sequence = 0n;

  constructor(key: Buffer, salt: Buffer) {
    this.#key = key;
    this.#salt = salt;
  }

  seal(type: number, text: Buffer): Buffer {
    const sequence = this.#next();
    const cipher = createCipheriv("aes-128-gcm", this.#key, Buffer.concat([this.#salt, sequence]));
    cipher.setAAD(this.#additional(sequence, type, text.length));
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return Buffer.concat([sequence, sealed, cipher.getAuthTag()]);
  }

  open(type: number, fragment: Buffer): Buffer {
    const sequence = this.#next();
    const nonce = fragment.subarray(0, NONCE_BYTES);
    const sealed = fragment.subarray(NONCE_BYTES, -TAG_BYTES);
    const decipher = createDecipheriv("aes-128-gcm", this.#key, Buffer.concat([this.#salt, nonce]));
    decipher.setAAD(this.#additional(sequence, type, sealed.length));
    decipher.setAuthTag(fragment.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  }

  #next(): Buffer {
    const sequence = Buffer.alloc(8);
    sequence.writeBigUInt64BE(this.#sequence);
    this.#sequence += 1n;
    return sequence;
  }

  #additional(sequence: Buffer, type: number, length: number): Buffer {
    return Buffer.concat([sequence, Buffer.of(type), VERSION, Buffer.of(length >> 8, length & 255)]);
  }
}

export type SessionKeys = {
  readonly master: Buffer;
  readonly fromClient: RecordCipher;
  readonly toClient: RecordCipher;
};

export function sessionKeys(premaster: Buffer, clientRandom: Buffer, serverRandom: Buffer): SessionKeys {
  const master = prf(premaster, "master secret", Buffer.concat([clientRandom, serverRandom]), 48);
  const block = prf(master, "key expansion", Buffer.concat([serverRandom, clientRandom]), 40);
  return {
    master,
    fromClient: new RecordCipher(block.subarray(0, 16), block.subarray(32, 36)),
    toClient: new RecordCipher(block.subarray(16, 32), block.subarray(36, 40)),
  };
}
