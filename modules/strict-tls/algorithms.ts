/**
 * The signature algorithms that are accepted, in certificates and in the handshake. SHA-1 and MD5 are not among them.
 */

export type HashName = "SHA256" | "SHA384" | "SHA512";

export type SignatureAlgorithm = {
  readonly key: "rsa" | "ec";
  readonly hash: HashName;
};

/** By object identifier, as `identifierOf` gives it. [RFC 8017, A.2.4; RFC 5758, 3.2] */
const BY_IDENTIFIER: Readonly<Record<string, SignatureAlgorithm>> = Object.freeze({
  "42,134,72,134,247,13,1,1,11": Object.freeze({ key: "rsa", hash: "SHA256" }),
  "42,134,72,134,247,13,1,1,12": Object.freeze({ key: "rsa", hash: "SHA384" }),
  "42,134,72,134,247,13,1,1,13": Object.freeze({ key: "rsa", hash: "SHA512" }),
  "42,134,72,206,61,4,3,2": Object.freeze({ key: "ec", hash: "SHA256" }),
  "42,134,72,206,61,4,3,3": Object.freeze({ key: "ec", hash: "SHA384" }),
  "42,134,72,206,61,4,3,4": Object.freeze({ key: "ec", hash: "SHA512" }),
});

export function signatureAlgorithm(identifier: string): SignatureAlgorithm | undefined {
  return Object.hasOwn(BY_IDENTIFIER, identifier) ? BY_IDENTIFIER[identifier] : undefined;
}

/** A pair of the `signature_algorithms` extension. [RFC 5246, 7.4.1.4.1] */
export type AlgorithmBytes = { readonly hash: number; readonly sig: number };

const HASHES: readonly (HashName | undefined)[] = Object.freeze([
  undefined,
  undefined,
  undefined,
  undefined,
  "SHA256",
  "SHA384",
  "SHA512",
]);
const KEYS: readonly (SignatureAlgorithm["key"] | undefined)[] = Object.freeze([undefined, "rsa", undefined, "ec"]);

/** What a pair stands for, if it is one of those that were offered. */
export function offeredAlgorithm(
  hash: number,
  sig: number,
  offered: readonly AlgorithmBytes[],
): SignatureAlgorithm | undefined {
  if (!offered.some((pair) => pair.hash === hash && pair.sig === sig)) return undefined;
  const [name, key] = [HASHES[hash], KEYS[sig]];
  return name === undefined || key === undefined ? undefined : { key, hash: name };
}
