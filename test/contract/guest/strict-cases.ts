/**
 * Handshakes that a client must refuse, and those it must accept. The label is the host's first label, by which the
 * peer knows what to do.
 */

export const STRICT_DOMAIN = "strict.contract.test";

export type StrictCase = {
  readonly label: string;
  readonly title: string;
  /** Why it is refused; absent: it is accepted. */
  readonly reason?: "certificate" | "name" | "date" | "signature" | "protocol";
  /** The refusal may look like the end of the connection, as OpenSSL has it. */
  readonly quiet?: true;
  /** The resource that is trusted. Default `strict-root.der`. */
  readonly root?: string;
};

export const STRICT_CASES: readonly StrictCase[] = [
  { label: "plain", title: "a server below an issuing authority" },
  { label: "cross-signed", title: "a chain with the cross-signed root and its root behind it, by the newer root" },
  {
    label: "cross-signed",
    title: "a chain with the cross-signed root and its root behind it, by the older root",
    root: "strict-old-root.der",
  },
  {
    label: "cross-signed-short",
    title: "a chain that ends with the cross-signed root, by the older root",
    root: "strict-old-root.der",
  },
  { label: "root-sent", title: "a chain with the trusted root itself behind it" },
  { label: "alone", title: "a server right below the root, sent alone" },
  { label: "ec", title: "a chain of EC keys", root: "strict-ec-root.der" },
  { label: "client-certificate", title: "a server that asks for a client certificate and takes none" },
  { label: "hello-request", title: "a server that asks for a handshake while one is under way" },

  { label: "forged-root", title: "a forged certificate with the public root behind it", reason: "signature" },
  {
    label: "forged-root-twice",
    title: "a forged certificate with the public root twice behind it",
    reason: "signature",
  },
  {
    label: "forged-behind",
    title: "a forged certificate before a genuine authority and its root",
    reason: "signature",
  },
  { label: "false-root", title: "a chain from an impostor of the root", reason: "signature" },
  { label: "broken-link", title: "an authority whose signature by the root is wrong", reason: "signature" },
  { label: "leaf-authority", title: "a server's certificate used as an authority", reason: "certificate" },
  { label: "no-ca-flag", title: "an authority without the CA flag", reason: "certificate" },
  { label: "missing-link", title: "a chain with a link left out", reason: "certificate" },
  { label: "unknown-root", title: "a chain to a root that is not trusted", reason: "certificate" },
  { label: "client-only", title: "a certificate that is not for servers", reason: "certificate" },
  { label: "no-certificates", title: "an empty list of certificates", reason: "certificate" },
  { label: "name-elsewhere", title: "a name that only another certificate of the chain has", reason: "name" },
  { label: "wrong-name", title: "a certificate for another name", reason: "name" },
  { label: "expired", title: "an expired certificate", reason: "date" },
  { label: "not-yet-valid", title: "a certificate that is not valid yet", reason: "date" },
  { label: "expired-authority", title: "an expired authority", reason: "date" },

  { label: "algorithm-0-0", title: "a key exchange with the algorithm bytes 0/0", reason: "protocol" },
  { label: "algorithm-4-0", title: "a key exchange with the algorithm bytes 4/0", reason: "protocol" },
  { label: "algorithm-4-9", title: "a key exchange with the algorithm bytes 4/9", reason: "protocol" },
  { label: "algorithm-0-1", title: "a key exchange with the algorithm bytes 0/1", reason: "protocol" },
  { label: "algorithm-6-1", title: "a key exchange with an algorithm that was not offered", reason: "protocol" },
  { label: "junk-signature", title: "a key exchange with a junk signature", reason: "signature" },
  { label: "other-key", title: "a key exchange signed with another key than the certificate's", reason: "signature" },
  { label: "curve", title: "a curve that was not offered", reason: "protocol" },
  { label: "suite", title: "a suite that was not offered", reason: "protocol" },
  { label: "version", title: "an older version", reason: "protocol" },
  { label: "extension", title: "an extension that was not offered", reason: "protocol" },
  { label: "alpn", title: "an application protocol that was not asked for", reason: "protocol" },

  { label: "no-certificate", title: "a handshake without a certificate", reason: "protocol" },
  { label: "no-key-exchange", title: "a handshake without a key exchange", reason: "protocol" },
  { label: "neither", title: "a handshake without certificate and key exchange", reason: "protocol" },
  { label: "hello-twice", title: "a server hello that comes twice", reason: "protocol" },
  { label: "certificate-twice", title: "a certificate that comes twice", reason: "protocol" },
  { label: "finished-first", title: "finished in the place of the certificate", reason: "protocol" },
  { label: "finished-early", title: "finished before the client's half of the exchange", reason: "protocol" },
  { label: "finished-clear", title: "finished without encryption", reason: "protocol" },
  { label: "finished-wrong", title: "a finished that proves nothing", reason: "protocol" },
  { label: "change-early", title: "change-cipher-spec before the client's half of the exchange", reason: "protocol" },
  { label: "data-early", title: "data before the handshake is complete", reason: "protocol" },
  { label: "alert", title: "a fatal alert", reason: "protocol" },
  { label: "http", title: "HTTP in the place of TLS", reason: "protocol" },
  { label: "other-protocol", title: "another protocol in the place of TLS", reason: "protocol" },
  { label: "close-notify", title: "a session that is closed before it is one", reason: "protocol", quiet: true },
];
