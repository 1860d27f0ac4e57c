/** What stands behind the labels of `guest/strict-cases.ts`: certificates, and servers that send them. */
import { createPrivateKey, type KeyObject, webcrypto } from "node:crypto";
import {
  authorityExtensions,
  basicConstraints,
  CLIENT_AUTH,
  DAY_MS,
  extendedKeyUsage,
  hostNames,
  makeKeys,
  makeParty,
  type Party,
  type PartyOptions,
  publicExtensions,
  SERVER_AUTH,
  serverExtensions,
  withBrokenSignature,
} from "../../support/certificate-factory.js";
import { STRICT_DOMAIN } from "../guest/strict-cases.js";
import { extension, type Script, type Tls12Server, vector } from "./tls12-server.js";

const NAME = `*.${STRICT_DOMAIN}`;

export type StrictPeers = {
  /** Trusted certificates by resource name. */
  readonly resources: Readonly<Record<string, Uint8Array>>;
  scriptFor(serverName: string): Script | undefined;
};

const privateKeyOf = async ({ keys }: Party): Promise<KeyObject> =>
  createPrivateKey({
    key: Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)),
    format: "der",
    type: "pkcs8",
  });

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

/**
 * The shape of Amazon's chains: server, issuing authority, root, and an older root that cross-signed it and is
 * cross-signed itself.
 */
async function makeHierarchy() {
  const authority = (options: PartyOptions) => makeParty({ extensions: authorityExtensions(), ...options });
  const oldRoot = await authority({ subject: "C=US, ST=Arizona, O=Old Technologies, CN=Old Services Root - G2" });
  const oldestRoot = await authority({ subject: "C=US, O=Older Technologies, OU=Older Class 2 Authority" });
  const root = await authority({ subject: "C=US, O=River, CN=River Root CA 1" });
  const crossSigned = await authority({ subject: root.subject, keys: root.keys, issuer: oldRoot });
  const oldCrossSigned = await authority({ subject: oldRoot.subject, keys: oldRoot.keys, issuer: oldestRoot });
  const issuingKeys = await makeKeys();
  const issuing = await makeParty({
    subject: "C=US, O=River, CN=River RSA 2048 M02",
    issuer: root,
    keys: issuingKeys,
    extensions: [...authorityExtensions(0), extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH), ...publicExtensions()],
  });
  const serverKeys = await makeKeys();
  const server = await makeParty({
    subject: `CN=${NAME}`,
    issuer: issuing,
    keys: serverKeys,
    extensions: [...serverExtensions(NAME), ...publicExtensions()],
  });
  return { authority, oldRoot, root, crossSigned, oldCrossSigned, issuing, server };
}

const hello = (server: Tls12Server) => server.hello();
const certificate = (server: Tls12Server) => server.certificate();
const keyExchange = (server: Tls12Server) => server.keyExchange();
const helloDone = (server: Tls12Server) => server.helloDone();
const changeCipherSpec = (server: Tls12Server) => server.changeCipherSpec();
const finished = (server: Tls12Server) => server.finished();

type Step = (server: Tls12Server) => void;
const each =
  (...steps: readonly Step[]): Step =>
  (server) => {
    for (const step of steps) step(server);
  };

const FIRST = each(hello, certificate, keyExchange, helloDone);
const SECOND = each(changeCipherSpec, finished);

export async function makeStrictPeers(): Promise<StrictPeers> {
  const { authority, oldRoot, root, crossSigned, oldCrossSigned, issuing, server } = await makeHierarchy();
  const underIssuing = (options: Partial<PartyOptions>) =>
    makeParty({
      subject: "CN=server",
      issuer: issuing,
      keys: server.keys,
      extensions: serverExtensions(NAME),
      ...options,
    });
  const issuingUnder = (issuer: Pick<Party, "subject" | "keys">, options: Partial<PartyOptions> = {}) =>
    makeParty({ subject: issuing.subject, issuer, keys: issuing.keys, extensions: authorityExtensions(0), ...options });
  const key = await privateKeyOf(server);

  const impostorRoot = await authority({ subject: root.subject, claimedIssuer: root });
  const impostorIssuing = await authority({ subject: issuing.subject });
  const falseIssuing = await issuingUnder(impostorRoot, { claimedIssuer: root });
  const forged = await underIssuing({ issuer: impostorRoot, claimedIssuer: root });
  const noFlag = await issuingUnder(root, { extensions: [basicConstraints(false)] });
  const named = await issuingUnder(root, { extensions: [...authorityExtensions(0), hostNames(NAME)] });
  const expiredIssuing = await issuingUnder(root, { from: inDays(-20), to: inDays(-10) });
  const otherRoot = await authority({ subject: "CN=Another Root" });
  const ecRoot = await authority({ subject: "C=US, O=River, CN=River Root CA 3", kind: "p256" });
  const ecIssuing = await makeParty({
    subject: "C=US, O=River, CN=River ECDSA 256 M02",
    issuer: ecRoot,
    kind: "p256",
    extensions: authorityExtensions(0),
  });
  const ecServer = await makeParty({
    subject: "CN=server",
    issuer: ecIssuing,
    kind: "p256",
    extensions: serverExtensions(NAME),
  });

  const sends = (...parties: readonly (Party | Uint8Array)[]): Partial<Script> => ({
    certificates: parties.map((party) => (party instanceof Uint8Array ? party : party.der)),
  });
  const starts = (...steps: readonly Step[]): Partial<Script> => ({ first: each(...steps) });
  const exchanges = (fields: Parameters<Tls12Server["keyExchange"]>[0]) =>
    starts(hello, certificate, (to) => to.keyExchange(fields), helloDone);
  const greets = (fields: Parameters<Tls12Server["hello"]>[0]) =>
    starts((to) => to.hello(fields), certificate, keyExchange, helloDone);
  const unsigned = (hash: number, signature: number) =>
    exchanges({ algorithm: [hash, signature], signature: Buffer.alloc(0) });

  const scripts: Readonly<Record<string, Partial<Script>>> = {
    plain: {},
    "cross-signed": sends(server, issuing, crossSigned, oldCrossSigned),
    "cross-signed-short": sends(server, issuing, crossSigned),
    "root-sent": sends(server, issuing, root),
    alone: sends(await underIssuing({ issuer: root })),
    ec: { ...sends(ecServer, ecIssuing), key: await privateKeyOf(ecServer) },
    "client-certificate": starts(hello, certificate, keyExchange, (to) => to.certificateRequest(), helloDone),
    "hello-request": starts(hello, certificate, (to) => to.helloRequest(), keyExchange, helloDone),

    "forged-root": sends(forged, root),
    "forged-root-twice": sends(forged, root, root),
    "forged-behind": sends(await underIssuing({ issuer: impostorIssuing, claimedIssuer: issuing }), issuing, root),
    "false-root": sends(server, falseIssuing, impostorRoot),
    "broken-link": sends(server, withBrokenSignature(issuing.der), root),
    "leaf-authority": sends(await underIssuing({ issuer: server }), server, issuing),
    "no-ca-flag": sends(server, noFlag),
    "missing-link": sends(server, root),
    "unknown-root": sends(await underIssuing({ issuer: otherRoot }), otherRoot),
    "client-only": sends(await underIssuing({ extensions: [extendedKeyUsage(CLIENT_AUTH), hostNames(NAME)] }), issuing),
    "no-certificates": sends(),
    "name-elsewhere": sends(await underIssuing({ extensions: serverExtensions("other.test") }), named),
    "wrong-name": sends(await underIssuing({ extensions: serverExtensions("other.test") }), issuing),
    expired: sends(await underIssuing({ from: inDays(-20), to: inDays(-10) }), issuing),
    "not-yet-valid": sends(await underIssuing({ from: inDays(10), to: inDays(20) }), issuing),
    "expired-authority": sends(server, expiredIssuing),

    "algorithm-0-0": unsigned(0, 0),
    "algorithm-4-0": unsigned(4, 0),
    "algorithm-4-9": unsigned(4, 9),
    "algorithm-0-1": unsigned(0, 1),
    "algorithm-6-1": exchanges({ algorithm: [6, 1] }),
    "junk-signature": exchanges({ signature: Buffer.alloc(256, 0x55) }),
    "other-key": { key: await privateKeyOf(otherRoot) },
    curve: exchanges({ curve: 24 }),
    suite: greets({ suite: 0x002f }),
    version: greets({ version: 0x0302 }),
    extension: greets({ extensions: [extension(18, Buffer.alloc(0))] }),
    alpn: greets({ extensions: [extension(16, vector(2, vector(1, Buffer.from("other"))))] }),

    "no-certificate": starts(hello, keyExchange, helloDone),
    "no-key-exchange": starts(hello, certificate, helloDone),
    neither: starts(hello, helloDone),
    "hello-twice": starts(hello, hello, certificate, keyExchange, helloDone),
    "certificate-twice": starts(hello, certificate, certificate, keyExchange, helloDone),
    "finished-first": starts(hello, finished),
    "finished-early": starts(FIRST, finished),
    "finished-clear": { second: finished },
    "finished-wrong": { second: each(changeCipherSpec, (to) => to.message(20, Buffer.alloc(12))) },
    "change-early": starts(FIRST, changeCipherSpec),
    "data-early": starts(hello, (to) => to.data(Buffer.from("early")), certificate, keyExchange, helloDone),
    alert: starts((to) => to.alert(2, 40)),
    http: starts((to) => to.plain(Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))),
    "other-protocol": starts((to) => to.plain(Buffer.from("SSH-2.0-OpenSSH_9.6\r\n"))),
    "close-notify": starts((to) => to.alert(1, 0)),
  };
  return {
    resources: {
      "strict-root.der": root.der,
      "strict-old-root.der": oldRoot.der,
      "strict-ec-root.der": ecRoot.der,
    },
    scriptFor(serverName) {
      const script = scripts[serverName.slice(0, serverName.indexOf("."))];
      if (script === undefined || !serverName.endsWith(STRICT_DOMAIN)) return undefined;
      return { certificates: [server.der, issuing.der], key, first: FIRST, second: SECOND, ...script };
    },
  };
}
