import assert from "node:assert/strict";
import { type Certificate, parseCertificate, TlsRefusal, verifyChain } from "../../modules/strict-tls/index.js";
import {
  authorityExtensions,
  basicConstraints,
  CLIENT_AUTH,
  DAY_MS,
  extendedKeyUsage,
  hostNames,
  keyUsage,
  makeParty,
  nodeCrypto,
  type Party,
  type PartyOptions,
  publicExtensions,
  rawExtension,
  serverExtensions,
  withBrokenSignature,
  x509,
} from "../support/certificate-factory.js";

const HOST = "device.chain.test";
const USAGE = x509.KeyUsageFlags;

type Trial = {
  readonly sent: readonly Uint8Array[];
  readonly roots: readonly Uint8Array[];
  readonly host?: string;
  readonly now?: number;
};

/** "accepted", or why not; counts what the arithmetic was asked for. */
function verdictOf({ sent, roots, host = HOST, now = Date.now() }: Trial): { text: string; signatures: number } {
  const trusted: Certificate[] = roots.map(parseCertificate);
  const arithmetic = nodeCrypto();
  let signatures = 0;
  const crypto = {
    ...arithmetic,
    rsaPower: (...args: Parameters<typeof arithmetic.rsaPower>) => {
      signatures += 1;
      return arithmetic.rsaPower(...args);
    },
    verifyEcdsa: (...args: Parameters<typeof arithmetic.verifyEcdsa>) => {
      signatures += 1;
      return arithmetic.verifyEcdsa(...args);
    },
  };
  try {
    verifyChain({ sent, trusted: () => trusted, host, now, crypto });
    return { text: "accepted", signatures };
  } catch (error) {
    assert.ok(error instanceof TlsRefusal, String(error));
    return { text: error.message, signatures };
  }
}

const accepts = (trial: Trial) => assert.equal(verdictOf(trial).text, "accepted");
const refuses = (trial: Trial, message: RegExp) => assert.match(verdictOf(trial).text, message);

describe("a chain of certificates", () => {
  /** An old root, a root that it cross-signed, an issuing authority, a server: the shape of Amazon's chains. */
  let oldRoot: Party;
  let root: Party;
  let crossSigned: Party;
  let oldRootCrossSigned: Party;
  let issuing: Party;
  let server: Party;
  let otherRoot: Party;

  const authority = (options: PartyOptions) => makeParty({ extensions: authorityExtensions(), ...options });
  const serverUnder = (issuer: Party, options: Partial<PartyOptions> = {}) =>
    makeParty({ subject: "CN=server", issuer, keys: server.keys, extensions: serverExtensions(HOST), ...options });
  const issuingUnder = (issuer: Party, options: Partial<PartyOptions> = {}) =>
    makeParty({
      subject: issuing.subject,
      issuer,
      keys: issuing.keys,
      extensions: authorityExtensions(0),
      ...options,
    });

  before(async () => {
    oldRoot = await authority({ subject: "C=US, O=Old Technologies, CN=Old Services Root - G2" });
    root = await authority({ subject: "C=US, O=River, CN=River Root CA 1" });
    otherRoot = await authority({ subject: "CN=Another Root" });
    crossSigned = await authority({ subject: root.subject, keys: root.keys, issuer: oldRoot });
    oldRootCrossSigned = await authority({
      subject: oldRoot.subject,
      keys: oldRoot.keys,
      issuer: await authority({ subject: "C=US, O=Older, OU=Older Class 2 Authority" }),
    });
    const issuingKeys = (await authority({ subject: "CN=keys" })).keys;
    issuing = await makeParty({
      subject: "C=US, O=River, CN=River RSA 2048 M02",
      issuer: root,
      keys: issuingKeys,
      extensions: [
        ...authorityExtensions(0),
        extendedKeyUsage("1.3.6.1.5.5.7.3.1", CLIENT_AUTH),
        ...publicExtensions(),
      ],
    });
    const serverKeys = (await authority({ subject: "CN=keys" })).keys;
    server = await makeParty({
      subject: "CN=*.chain.test",
      issuer: issuing,
      keys: serverKeys,
      extensions: [...serverExtensions("*.chain.test"), ...publicExtensions()],
    });
  });

  describe("is accepted", () => {
    it("up to the root behind the last certificate", () => {
      accepts({ sent: [server.der, issuing.der], roots: [otherRoot.der, root.der] });
    });

    it("with the cross-signed root and the one that signed it sent along, whichever of them is trusted", () => {
      const sent = [server.der, issuing.der, crossSigned.der, oldRootCrossSigned.der];
      accepts({ sent, roots: [root.der] });
      accepts({ sent, roots: [oldRoot.der] });
      accepts({ sent: sent.slice(0, 3), roots: [oldRoot.der] });
    });

    it("with the trusted root itself sent along, also twice", () => {
      accepts({ sent: [server.der, issuing.der, root.der, root.der], roots: [root.der] });
    });

    it("when a root that is not trusted stands before its cross-signed form", () => {
      accepts({ sent: [server.der, issuing.der, root.der, crossSigned.der], roots: [oldRoot.der] });
    });

    it("when another server's certificate stands in between", async () => {
      const other = await serverUnder(otherRoot);
      accepts({ sent: [server.der, other.der, issuing.der], roots: [root.der] });
    });

    it("of a server right under a root, sent alone", async () => {
      accepts({ sent: [(await serverUnder(root)).der], roots: [root.der] });
    });

    it("up to an issuing authority that is trusted by itself", () => {
      accepts({ sent: [server.der, issuing.der], roots: [issuing.der] });
    });

    for (const [kind, hash] of [
      ["p256", "SHA-256"],
      ["p384", "SHA-384"],
      ["p256", "SHA-512"],
    ] as const) {
      it(`of EC keys (${kind}, ${hash})`, async () => {
        const ecRoot = await authority({ subject: "CN=EC Root", kind, hash });
        const middle = await authority({ subject: "CN=EC Issuing", kind: "p256", issuer: ecRoot, hash });
        // A number in a signature is a byte shorter once in 128 times: this often, some are.
        for (let round = 0; round < 40; round++) {
          const leaf = await makeParty({
            subject: "CN=s",
            kind: "p256",
            issuer: middle,
            hash,
            extensions: serverExtensions(HOST),
          });
          accepts({ sent: [leaf.der, middle.der], roots: [ecRoot.der] });
        }
      });
    }

    it("of RSA keys with SHA-384 and SHA-512 and longer moduli", async () => {
      const longRoot = await authority({ subject: "CN=Long", kind: "rsa-3072", hash: "SHA-512" });
      const middle = await authority({ subject: "CN=Middle", issuer: longRoot, hash: "SHA-384" });
      const leaf = await serverUnder(middle, { hash: "SHA-512" });
      accepts({ sent: [leaf.der, middle.der], roots: [longRoot.der] });
    });

    it("when a server's certificate says nothing about usage", async () => {
      const leaf = await serverUnder(root, { extensions: [hostNames(HOST)] });
      accepts({ sent: [leaf.der], roots: [root.der] });
    });

    it("when the server's certificate lies under several authorities", async () => {
      const one = await authority({ subject: "CN=One", issuer: root });
      const two = await authority({ subject: "CN=Two", issuer: one });
      accepts({ sent: [(await serverUnder(two)).der, two.der, one.der], roots: [root.der] });
    });
  });

  describe("is refused for a signature", () => {
    it("when a certificate names an issuer who never signed it, with the root sent once, twice, and behind a genuine authority", async () => {
      const impostor = await authority({ subject: root.subject });
      const forged = await serverUnder(impostor);
      refuses({ sent: [forged.der, root.der], roots: [root.der] }, /^signature: certificate 0 /);
      refuses({ sent: [forged.der, root.der, root.der], roots: [root.der] }, /^signature: certificate 0 /);
      const forgedBelow = await serverUnder(await authority({ subject: issuing.subject }));
      refuses({ sent: [forgedBelow.der, issuing.der, root.der], roots: [root.der] }, /^signature: certificate 0 /);
    });

    it("when an authority was signed by an impostor of the root", async () => {
      const impostor = await authority({ subject: root.subject });
      const false_ = await issuingUnder(impostor);
      refuses({ sent: [server.der, false_.der, impostor.der], roots: [root.der] }, /^signature: certificate 1 /);
    });

    it("when one bit of it differs", () => {
      const sent = [withBrokenSignature(server.der), issuing.der];
      refuses({ sent, roots: [root.der] }, /^signature: certificate 0 /);
      refuses(
        { sent: [server.der, withBrokenSignature(issuing.der)], roots: [root.der] },
        /^signature: certificate 1 /,
      );
    });

    it("before the key of anybody who is not vouched for is used", async () => {
      const impostor = await authority({ subject: root.subject });
      const falseIssuing = await issuingUnder(impostor);
      const forged = await serverUnder(falseIssuing);
      const { text, signatures } = verdictOf({ sent: [forged.der, falseIssuing.der], roots: [root.der] });
      assert.match(text, /^signature: certificate 1 /);
      // None at all when the false signature happens to be a number beyond the root's modulus.
      assert.ok(signatures <= 1, `${signatures} signatures`);
    });
  });

  describe("is refused for a certificate", () => {
    it("when there is none, or more than any server sends", () => {
      refuses({ sent: [], roots: [root.der] }, /^certificate: none sent/);
      refuses({ sent: Array.from({ length: 11 }, () => server.der), roots: [root.der] }, /^certificate: 11 /);
    });

    it("when no root is trusted that leads to it, or a link is missing", () => {
      const sent = [server.der, issuing.der, root.der];
      refuses({ sent, roots: [] }, /^certificate: no chain to a trusted root, issued by \S+/);
      refuses({ sent, roots: [otherRoot.der] }, /^certificate: no chain to a trusted root/);
      refuses({ sent: [server.der], roots: [root.der] }, /^certificate: no chain to a trusted root/);
      refuses({ sent: [server.der, root.der], roots: [root.der] }, /^certificate: no chain to a trusted root/);
    });

    it("when an issuer stands before what it issued", async () => {
      const one = await authority({ subject: "CN=One", issuer: root });
      const two = await authority({ subject: "CN=Two", issuer: one });
      const leaf = await serverUnder(two);
      refuses({ sent: [leaf.der, one.der, two.der], roots: [root.der] }, /^certificate: no chain/);
    });

    it("when a server's certificate is used as an authority", async () => {
      const victim = await serverUnder(server);
      refuses(
        { sent: [victim.der, server.der, issuing.der, root.der], roots: [root.der] },
        /^certificate: an issuer is no authority/,
      );
    });

    it("when an authority's certificate does not say that it is one", async () => {
      for (const extensions of [[], [basicConstraints(false)], [keyUsage(USAGE.keyCertSign)]]) {
        const false_ = await issuingUnder(root, { extensions });
        const leaf = await serverUnder(false_);
        refuses({ sent: [leaf.der, false_.der], roots: [root.der] }, /^certificate: an issuer is no authority/);
      }
    });

    it("when a trusted certificate is no authority", async () => {
      const pinned = await makeParty({ subject: "CN=self", extensions: serverExtensions(HOST) });
      refuses({ sent: [pinned.der], roots: [pinned.der] }, /^certificate: an issuer is no authority/);
    });

    it("when an authority's key is not for signing certificates", async () => {
      const extensions = [basicConstraints(true), keyUsage(USAGE.digitalSignature | USAGE.cRLSign)];
      const false_ = await issuingUnder(root, { extensions });
      refuses(
        { sent: [(await serverUnder(false_)).der, false_.der], roots: [root.der] },
        /not for signing certificates/,
      );
    });

    it("when an authority is for something else than servers", async () => {
      const extensions = [...authorityExtensions(), extendedKeyUsage("1.3.6.1.5.5.7.3.4")];
      const false_ = await issuingUnder(root, { extensions });
      refuses(
        { sent: [(await serverUnder(false_)).der, false_.der], roots: [root.der] },
        /an issuer is not for servers/,
      );
    });

    it("when more authorities stand below one than it allows", async () => {
      const below = await authority({ subject: "CN=Below", issuer: issuing });
      const leaf = await serverUnder(below);
      refuses({ sent: [leaf.der, below.der, issuing.der], roots: [root.der] }, /^certificate: the chain is too long/);
      const narrowRoot = await authority({ subject: "CN=Narrow", extensions: authorityExtensions(0) });
      const middle = await issuingUnder(narrowRoot);
      refuses(
        { sent: [(await serverUnder(middle)).der, middle.der], roots: [narrowRoot.der] },
        /the chain is too long/,
      );
    });

    it("when the server's key is not for signing, or its certificate not for servers", async () => {
      const wrongKey = await serverUnder(root, { extensions: [keyUsage(USAGE.keyEncipherment), hostNames(HOST)] });
      refuses({ sent: [wrongKey.der], roots: [root.der] }, /^certificate: the server's key is not for signing/);
      for (const usage of [CLIENT_AUTH, "2.5.29.37.0"]) {
        const wrongUse = await serverUnder(root, { extensions: [extendedKeyUsage(usage), hostNames(HOST)] });
        refuses({ sent: [wrongUse.der], roots: [root.der] }, /^certificate: the certificate is not for servers/);
      }
    });

    it("when a critical extension is not understood, in the server's and in an issuer's", async () => {
      const unknown = rawExtension("1.2.3.4", true, Uint8Array.of(5, 0));
      const leaf = await serverUnder(root, { extensions: [hostNames(HOST), unknown] });
      refuses({ sent: [leaf.der], roots: [root.der] }, /^certificate: a critical extension/);
      const middle = await issuingUnder(root, { extensions: [...authorityExtensions(), unknown] });
      refuses({ sent: [(await serverUnder(middle)).der, middle.der], roots: [root.der] }, /a critical extension/);
    });

    it("when it is signed with SHA-1", async () => {
      const leaf = await serverUnder(root, { hash: "SHA-1" });
      refuses({ sent: [leaf.der], roots: [root.der] }, /^certificate: certificate 0 .* not accepted/);
    });

    it("when it is needed and malformed, while one that is not needed is not read", () => {
      const junk = Uint8Array.of(0x30, 1);
      refuses({ sent: [server.der, junk, issuing.der], roots: [root.der] }, /^certificate: malformed/);
      refuses({ sent: [junk, issuing.der], roots: [root.der] }, /^certificate: malformed/);
      accepts({ sent: [server.der, issuing.der, junk], roots: [root.der] });
    });

    it("when many certificates bear the same name, after a bounded number of signatures", async () => {
      const sameName = await Promise.all(
        Array.from({ length: 9 }, () =>
          authority({ subject: "CN=Same", issuer: { subject: "CN=Same", keys: root.keys } }),
        ),
      );
      const leaf = await serverUnder({ ...root, subject: "CN=Same" });
      const trusted = await authority({ subject: "CN=Same" });
      const started = Date.now();
      const { text, signatures } = verdictOf({
        sent: [leaf.der, ...sameName.map(({ der }) => der)],
        roots: [trusted.der],
      });
      assert.match(text, /^signature/);
      assert.ok(signatures <= 16, `${signatures} signatures`);
      assert.ok(Date.now() - started < 2000);
    });
  });

  describe("is refused for a name", () => {
    it("that the server's certificate does not have, whoever signed it", () => {
      refuses({ sent: [server.der, issuing.der], roots: [root.der], host: "other.test" }, /^name: .* other\.test/);
    });

    it("that only another certificate of the chain has", async () => {
      const named = await issuingUnder(root, { extensions: [...authorityExtensions(), hostNames(HOST)] });
      const leaf = await serverUnder(named, { extensions: serverExtensions("elsewhere.test") });
      refuses({ sent: [leaf.der, named.der], roots: [root.der] }, /^name: /);
    });

    it("that stands in the subject alone", async () => {
      const leaf = await serverUnder(root, { subject: `CN=${HOST}`, extensions: [basicConstraints(false)] });
      refuses({ sent: [leaf.der], roots: [root.der] }, /^name: /);
    });
  });

  describe("is refused for a date", () => {
    const past = { from: new Date(Date.now() - 20 * DAY_MS), to: new Date(Date.now() - 10 * DAY_MS) };
    const future = { from: new Date(Date.now() + 10 * DAY_MS), to: new Date(Date.now() + 20 * DAY_MS) };

    it("of the server's certificate", async () => {
      const expired = await serverUnder(issuing, past);
      const early = await serverUnder(issuing, future);
      refuses({ sent: [expired.der, issuing.der], roots: [root.der] }, /^date: not valid after \d{4}-\d\d-\d\d, /);
      refuses({ sent: [early.der, issuing.der], roots: [root.der] }, /^date: not valid before \d{4}-\d\d-\d\d, /);
    });

    it("of an authority, and of the trusted root", async () => {
      const expired = await issuingUnder(root, past);
      refuses({ sent: [server.der, expired.der], roots: [root.der] }, /^date: /);
      const oldest = await authority({ subject: "CN=Oldest", ...past });
      refuses({ sent: [(await serverUnder(oldest)).der], roots: [oldest.der] }, /^date: /);
    });

    it("when the clock was never set", () => {
      refuses({ sent: [server.der, issuing.der], roots: [root.der], now: 0 }, /^date: .* the clock says 1970-01-01/);
    });

    it("but not on its first and its last second", async () => {
      const [from, to] = [new Date("2026-03-01T00:00:00Z"), new Date("2026-03-02T00:00:00Z")];
      const longRoot = await authority({
        subject: "CN=Long",
        from: new Date("2020-01-01"),
        to: new Date("2051-01-01"),
      });
      const leaf = await serverUnder(longRoot, { from, to });
      const at = (now: Date) => verdictOf({ sent: [leaf.der], roots: [longRoot.der], now: now.getTime() }).text;
      assert.equal(at(from), "accepted");
      assert.equal(at(to), "accepted");
      assert.match(at(new Date(from.getTime() - 1)), /^date/);
      assert.match(at(new Date(to.getTime() + 1)), /^date/);
    });
  });
});
