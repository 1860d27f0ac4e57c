import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseCertificate, rootFromStore, rootNamed } from "../../modules/strict-tls/index.js";
import { authorityExtensions, makeParty, type Party, serverExtensions } from "../support/certificate-factory.js";

const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../modules/device-ports/roots/${name}`, import.meta.url)));

describe("a root", () => {
  const starfield = bytesOf("StarfieldServicesRootG2.der");
  const amazon = bytesOf("AmazonRootCA1.der");

  it("is taken by its name, and not at all when it cannot be read", () => {
    const { subject } = parseCertificate(amazon);
    assert.equal(rootNamed(subject, amazon).length, 1);
    assert.deepEqual(rootNamed(subject, starfield), []);
    assert.deepEqual(rootNamed(subject, Uint8Array.of(0x30, 1)), []);
    assert.deepEqual(rootNamed(subject, amazon.subarray(0, amazon.length - 1)), []);
  });
});

describe("the SDK's store of roots", () => {
  let root: Party;
  let server: Party;
  let identifier: Uint8Array;

  before(async () => {
    root = await makeParty({ subject: "CN=Root", extensions: authorityExtensions() });
    server = await makeParty({ subject: "CN=s", issuer: root, extensions: serverExtensions("a.test") });
    identifier = parseCertificate(root.der).extensions.subjectKeyIdentifier ?? new Uint8Array(0);
  });

  const store = (index: Uint8Array, files: Readonly<Record<string, Uint8Array>>) => (name: string) =>
    name === "ca.ski" ? index : files[name];
  const index = (...entries: Uint8Array[]) => Uint8Array.from(entries.flatMap((entry) => [...entry]));
  const other = new Uint8Array(20).fill(7);

  it("has the one whose key identifier stands in the index, by its place", () => {
    const found = rootFromStore(parseCertificate(server.der), store(index(other, identifier), { "ca1.der": root.der }));
    assert.deepEqual(found, [parseCertificate(root.der)]);
  });

  it("has none that the application does not carry, that is not listed, or that bears another name", async () => {
    const certificate = parseCertificate(server.der);
    const none = (resources: (name: string) => Uint8Array | undefined) =>
      assert.deepEqual(rootFromStore(certificate, resources), []);
    none(() => undefined);
    none(store(index(identifier), {}));
    none(store(index(other), { "ca0.der": root.der }));
    none(store(identifier.subarray(1), { "ca0.der": root.der }));
    const stranger = await makeParty({ subject: "CN=Stranger", keys: root.keys, extensions: authorityExtensions() });
    none(store(index(identifier), { "ca0.der": stranger.der }));
  });
});
