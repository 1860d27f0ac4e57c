/**
 * In the place of the SDK's `ssl/cert`, whose one user is the TLS client: roots, the server's chain, this side's
 * certificate and key.
 */
import Resource from "Resource";
import PKCS8 from "pkcs8";
import {
  type Certificate,
  type PublicKey,
  parseCertificate,
  requireValid,
  rootFromStore,
  rootNamed,
  sameBytes,
  TlsRefusal,
  verifyChain,
} from "strict-tls/index";
import { sdkCrypto } from "strict-tls/sdk/crypto";

/** DER: `Resource`, `ArrayBuffer` or `Uint8Array`. */
type DerBuffer = object;

export type CertificateOptions = {
  /** A root of this connection alone. */
  readonly certificate?: DerBuffer;
  readonly clientCertificates?: readonly DerBuffer[];
  /** RSA, PKCS#8. */
  readonly clientKey?: DerBuffer;
  /** Whatever is not `false`. */
  readonly verify?: unknown;
};

/**
 * Roots for every connection of the virtual machine, as the SDK's own class keeps them. The one list at module level:
 * the class is preloaded, and its users know it by name only. An array of a preloaded module is copied to RAM when it
 * is changed.
 */
const registered: DerBuffer[] = [];

export default class StrictCertificateManager {
  static readonly strictTls: boolean = true;

  readonly #roots: Certificate[] = [];
  readonly #options: CertificateOptions;
  #serverKey: PublicKey | undefined;

  /**
   * @throws TlsRefusal for `verify: false`, and for a `certificate` that is malformed or not valid by the device's
   * clock
   */
  constructor(options: CertificateOptions) {
    if (options.verify === false) throw new TlsRefusal("certificate", "there are no connections without verification");
    this.#options = options;
    if (options.certificate !== undefined) this.register(options.certificate);
  }

  /** Adds a root for every TLS connection of the virtual machine. Nothing is checked before it is used. */
  static register(certificate: DerBuffer): void {
    const bytes = bytesOf(certificate);
    if (!registered.some((root) => sameBytes(bytesOf(root), bytes))) registered.push(certificate);
  }

  /**
   * Adds a root for this connection. @throws TlsRefusal for one that is malformed or not valid by the device's clock
   */
  register(certificate: DerBuffer): void {
    const root = parseCertificate(bytesOf(certificate));
    requireValid(root, Date.now());
    this.#roots.push(root);
  }

  /** Always true. @throws TlsRefusal */
  verify(sent: readonly Uint8Array[], options: { readonly tls_server_name?: unknown }): boolean {
    this.#serverKey = verifyChain({
      sent,
      host: String(options.tls_server_name ?? ""),
      now: Date.now(),
      crypto: sdkCrypto,
      trusted: (certificate) => {
        const found = this.#roots.filter(({ subject }) => sameBytes(subject, certificate.issuer));
        for (const root of registered) found.push(...rootNamed(certificate.issuer, bytesOf(root)));
        return found.length > 0 ? found : rootFromStore(certificate, resourceBytes);
      },
    });
    return true;
  }

  /** The key of the verified chain. @throws TlsRefusal before there is one */
  get serverKey(): PublicKey {
    if (this.#serverKey === undefined) throw new TlsRefusal("protocol", "no certificate");
    return this.#serverKey;
  }

  /** This side's private key. @throws Error for one that is not RSA in PKCS#8 */
  getKey(): object {
    if (this.#options.clientKey === undefined) throw new TlsRefusal("protocol", "no client key");
    return PKCS8.parse(bytesOf(this.#options.clientKey));
  }

  findPreferredCert(): readonly DerBuffer[] {
    return this.#options.clientCertificates ?? [];
  }
}

function bytesOf(buffer: DerBuffer): Uint8Array {
  if (buffer instanceof Uint8Array) return buffer;
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  const resource = buffer as InstanceType<typeof Resource>;
  return new Uint8Array(resource.slice(0, resource.byteLength));
}

function resourceBytes(name: string): Uint8Array | undefined {
  return Resource.exists(name) ? bytesOf(new Resource(name)) : undefined;
}
