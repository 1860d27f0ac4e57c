import { createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { makePrivateFolder, readTextIfPresent, writeFileAtomically } from "../files/index.js";
import { type Identity, type Issuer, issueAuthority, issueDevice, issueServer, signRequest } from "./issue.js";
import { serverNames } from "./server-names.js";

/** A server certificate with less life than this is made anew at start. */
const RENEW_BEFORE_MS = 7 * 86_400_000;

/** The local cloud's certificates: one authority for the servers and the devices, kept in a folder. */
export interface Pki {
  /** Path of the authority's certificate: what clients and devices trust. */
  readonly caFile: string;
  readonly caPem: string;
  /** Leaf followed by the authority: the device's TLS cannot complete a chain from a leaf alone. */
  readonly serverChainPem: string;
  readonly serverKeyPem: string;
  /** A fresh RSA-2048 key with a certificate of this authority. Nothing is stored. */
  issueDevice(): Promise<Identity>;
  /** A device certificate for the public key in a certificate signing request. */
  signRequest(requestPem: string): Promise<string>;
}

/**
 * Opens the authority of `dir`, or makes it at the first start. The server certificate is made anew when it is about to
 * expire or lacks one of the wanted names; the authority never changes, so that devices made earlier stay valid.
 * Errors: a damaged file of the authority throws and names the file.
 */
export async function openPki(dir: string, region: string, furtherNames: readonly string[] = []): Promise<Pki> {
  makePrivateFolder(dir);
  const path = (name: string) => join(dir, name);
  const authority = await openAuthority(path("ca.pem"), path("ca.key"));
  const names = serverNames(region, furtherNames);
  let leaf = readTextIfPresent(path("server.pem"));
  let key = readTextIfPresent(path("server.key"));
  if (leaf === undefined || key === undefined || !isUsable(leaf, key, authority.certificatePem, names)) {
    const made = await issueServer(authority, names);
    key = made.privateKeyPem;
    leaf = made.certificatePem;
    writeFileAtomically(path("server.key"), key);
    writeFileAtomically(path("server.pem"), leaf);
  }
  return {
    caFile: path("ca.pem"),
    caPem: authority.certificatePem,
    serverChainPem: leaf + authority.certificatePem,
    serverKeyPem: key,
    issueDevice: () => issueDevice(authority),
    signRequest: (requestPem) => signRequest(authority, requestPem),
  };
}

async function openAuthority(certificateFile: string, keyFile: string): Promise<Issuer> {
  const certificatePem = readTextIfPresent(certificateFile);
  const privateKeyPem = readTextIfPresent(keyFile);
  // The certificate is written last: without it the earlier start did not get as far as using the key.
  if (certificatePem === undefined) {
    const made = await issueAuthority("local AWS CA");
    writeFileAtomically(keyFile, made.privateKeyPem);
    writeFileAtomically(certificateFile, made.certificatePem);
    return made;
  }
  if (privateKeyPem === undefined) throw new Error(`the key of the local authority is missing: ${keyFile}`);
  try {
    new X509Certificate(certificatePem);
  } catch {
    throw new Error(`the certificate of the local authority is damaged: ${certificateFile}`);
  }
  return { certificatePem, privateKeyPem };
}

function isUsable(
  leafPem: string,
  keyPem: string,
  caPem: string,
  names: { dns: readonly string[]; ip: readonly string[] },
): boolean {
  try {
    const leaf = new X509Certificate(leafPem);
    if (!leaf.verify(new X509Certificate(caPem).publicKey)) return false;
    // A kill between the two files leaves a new key beside an old certificate.
    if (!leaf.checkPrivateKey(createPrivateKey(keyPem))) return false;
    if (Date.parse(leaf.validTo) - Date.now() < RENEW_BEFORE_MS) return false;
    const held = (leaf.subjectAltName ?? "").split(", ");
    return (
      names.dns.every((name) => held.includes(`DNS:${name}`)) && names.ip.every((ip) => leaf.checkIP(ip) !== undefined)
    );
  } catch {
    return false;
  }
}
