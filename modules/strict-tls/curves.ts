import { bigIntOf } from "./bytes.js";

export type CurveName = "secp256r1" | "secp384r1";

type Curve = {
  /** Bytes of a coordinate. */
  readonly size: number;
  readonly prime: bigint;
  readonly b: bigint;
  /** The order of the base point, big-endian. */
  readonly order: string;
};

/** [SEC 2, 2.4.2 and 2.5.1] In both, a = -3. */
const CURVES: Readonly<Record<CurveName, Curve>> = Object.freeze({
  secp256r1: Object.freeze({
    size: 32,
    prime: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
  }),
  secp384r1: Object.freeze({
    size: 48,
    prime: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
  }),
});

const UNCOMPRESSED = 4;

export function coordinateSize(curve: CurveName): number {
  return CURVES[curve].size;
}

/** The order of the base point in `coordinateSize` bytes: what r and s of a signature stay below. */
export function orderOf(curve: CurveName): Uint8Array {
  const { order, size } = CURVES[curve];
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = Number.parseInt(order.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}

/** Whether `point` is 0x04, x, y of a point of the curve. The SDK's arithmetic takes any pair of numbers. */
export function isPointOf(curve: CurveName, point: Uint8Array): boolean {
  const { size, prime, b } = CURVES[curve];
  if (point.length !== 1 + 2 * size || point[0] !== UNCOMPRESSED) return false;
  const x = bigIntOf(point.subarray(1, 1 + size));
  const y = bigIntOf(point.subarray(1 + size));
  if (x >= prime || y >= prime) return false;
  return (y * y - (x * x * x - 3n * x + b)) % prime === 0n;
}
