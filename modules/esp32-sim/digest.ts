/**
 * The SDK's `Digest` of module `crypt`, as far as it is used here. Injected, since hashing is native on every platform.
 */
export type DigestConstructor = new (
  algorithm: string,
) => {
  write(data: Uint8Array): void;
  close(): ArrayBuffer;
};

/** One-shot digest of some bytes. `algorithm` is "SHA256" or "MD5". */
export function digestOf(Digest: DigestConstructor, algorithm: "SHA256" | "MD5", bytes: Uint8Array): Uint8Array {
  const digest = new Digest(algorithm);
  digest.write(bytes);
  return new Uint8Array(digest.close());
}
