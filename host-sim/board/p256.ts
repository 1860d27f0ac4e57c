/**
 * ECDSA over P-256 on a digest that is already computed, which Node's crypto does not offer. Plain affine arithmetic:
 * some thirty milliseconds a signature, and no attempt at constant time, as nothing here is secret.
 */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const G: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/**
 * One update is played thousands of times, with a cut at each of its steps: what was verified is not verified again.
 */
const results = new Map<string, boolean>();
const MAX_RESULTS = 256;

/**
 * Whether `signature` (r and s, 32 bytes each) of `digest` (32 bytes) was made with the key of `publicKey` (65 bytes,
 * uncompressed). Anything malformed is simply not valid.
 */
export function verifyP256(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const question = [publicKey, digest, signature].map((bytes) => Buffer.from(bytes).toString("base64")).join();
  let result = results.get(question);
  if (result === undefined) {
    result = compute(publicKey, digest, signature);
    if (results.size >= MAX_RESULTS) results.clear();
    results.set(question, result);
  }
  return result;
}

function compute(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 65 || publicKey[0] !== 4 || digest.length !== 32 || signature.length !== 64) return false;
  const key: Point = { x: toInteger(publicKey.subarray(1, 33)), y: toInteger(publicKey.subarray(33)) };
  if (key.x >= P || key.y >= P || mod(key.y * key.y - (key.x ** 3n - 3n * key.x + B), P) !== 0n) return false;
  const r = toInteger(signature.subarray(0, 32));
  const s = toInteger(signature.subarray(32));
  if (r <= 0n || s <= 0n || r >= N || s >= N) return false;
  const inverse = invert(s, N);
  const sum = add(multiply(G, mod(toInteger(digest) * inverse, N)), multiply(key, mod(r * inverse, N)));
  return sum !== undefined && mod(sum.x, N) === r;
}

/** Sum of two points; `undefined` is the point at infinity. */
function add(one: Point | undefined, other: Point | undefined): Point | undefined {
  if (one === undefined) return other;
  if (other === undefined) return one;
  if (one.x === other.x && mod(one.y + other.y, P) === 0n) return undefined;
  const slope =
    one.x === other.x
      ? (3n * one.x * one.x - 3n) * invert(2n * one.y, P)
      : (other.y - one.y) * invert(mod(other.x - one.x, P), P);
  const x = mod(slope * slope - one.x - other.x, P);
  return { x, y: mod(slope * (one.x - x) - one.y, P) };
}

function multiply(point: Point, factor: bigint): Point | undefined {
  let result: Point | undefined;
  let power: Point | undefined = point;
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = add(result, power);
    power = add(power, power);
  }
  return result;
}

function invert(value: bigint, modulus: bigint): bigint {
  let [low, high] = [mod(value, modulus), modulus];
  let [x, y] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [x, y] = [y - quotient * x, x];
  }
  return mod(x, modulus);
}

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}
