import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyP256 } from "../../host-sim/board/p256.js";
import { runKeygen } from "../../host-sim/commands/keygen.js";
import { runSign } from "../../host-sim/commands/sign.js";
import { readPublicKey, readSigningKey } from "../../host-sim/commands/signing-files.js";
import { publicKeyPoint, signatureFromBase64 } from "../../modules/aws-fota/signature.js";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const ID = "code-signing-key";

let folder = "";
let image = "";
const said: { out: string[]; err: string[] } = { out: [], err: [] };
const output = { out: (line: string) => void said.out.push(line), err: (line: string) => void said.err.push(line) };
const path = (...names: string[]) => join(folder, ...names);

const keygen = (...argv: string[]) => runKeygen(argv, output);
const sign = (...argv: string[]) => runSign(argv, output);

async function refuses(answer: Promise<number>, message: RegExp): Promise<void> {
  assert.equal(await answer, 2);
  assert.deepEqual(said.out, []);
  assert.equal(said.err.length, 1);
  assert.match(said.err[0] ?? "", message);
  said.err = [];
}

/** As the firmware does it. */
function firmwareVerifies(der: Uint8Array, bytes: Uint8Array, base64: string): boolean {
  const point = publicKeyPoint(der) ?? assert.fail("no key for the firmware");
  const signature = signatureFromBase64(base64) ?? assert.fail("no signature for the firmware");
  return verifyP256(point, createDigest(bytes), signature);
}

function createDigest(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

function openssl(...args: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync("openssl", args, { cwd: folder });
  assert.equal(status, 0, `openssl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** A folder for each test, with an image in it. */
function useFolder(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "signing-"));
    image = path("image.bin");
    writeFileSync(image, "an image");
    said.out = [];
    said.err = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
}

describe("npm run keygen", () => {
  useFolder();
  it("makes a key that only its owner can read, its public half for the firmware, and the manifest's line", async () => {
    assert.equal(await keygen("--out", path("keys")), 0, said.err.join());
    assert.deepEqual(readdirSync(path("keys")).sort(), [`${ID}.der`, `${ID}.private.pem`, `${ID}.public.pem`]);
    assert.equal(statSync(path("keys", `${ID}.private.pem`)).mode & 0o777, 0o600);
    assert.equal(statSync(path("keys")).mode & 0o777, 0o700);
    const der = readFileSync(path("keys", `${ID}.der`));
    assert.equal(publicKeyPoint(der)?.length, 65);
    assert.deepEqual(readSigningKey(path("keys", `${ID}.private.pem`)).publicKey, new Uint8Array(der));
    for (const name of [`${ID}.der`, `${ID}.public.pem`]) {
      assert.deepEqual(readPublicKey(path("keys", name)), { id: ID, key: new Uint8Array(der) });
    }
    assert.equal(said.out.at(-1), `"data": {"*":["${path("keys", ID)}"]}`);
    assert.doesNotMatch(said.out.join(), /BEGIN/);
  });
  it("gives the key another id, which the manifest names", async () => {
    assert.equal(await keygen("--out", path("keys"), "--id", "2027"), 0);
    assert.equal(said.out.at(-1), `"data": {"*":["${path("keys", "2027")}"]}, "config": { "signingKeys": "2027" }`);
  });
  it("makes another key each time, and never replaces one", async () => {
    await keygen("--out", path("keys"));
    await keygen("--out", path("keys"), "--id", "2027");
    const before = readdirSync(path("keys")).map((name) => readFileSync(path("keys", name), "latin1"));
    assert.equal(new Set(before).size, 6);
    said.out = [];
    await refuses(keygen("--out", path("keys"), "--id", "2027"), /2027\.private\.pem is there already/);
    rmSync(path("keys", "2027.private.pem"));
    await refuses(keygen("--out", path("keys"), "--id", "2027"), /2027\.der is there already/);
  });
  for (const [what, argv, message] of [
    ["no folder", [], /--out is missing/],
    ["an id with a slash", ["--out", "x", "--id", "../x"], /--id \.\.\/x: an id is 1 to 32/],
    ["a hidden file", ["--out", "x", "--id", ".x"], /no "\." in front/],
    ["an id that is too long", ["--out", "x", "--id", "a".repeat(33)], /an id is 1 to 32/],
    ["a file among the options", ["--out", "x", "y"], /./],
  ] as const) {
    it(`refuses ${what}`, () => refuses(keygen(...argv), message));
  }
  it("refuses a folder that is a file, and leaves nothing", async () => {
    await refuses(keygen("--out", image), /cannot be written/);
    assert.deepEqual(readdirSync(folder), ["image.bin"]);
  });
});

describe("npm run sign", () => {
  useFolder();
  const signed = async () => {
    assert.equal(await sign("--key", path(`${ID}.private.pem`), image), 0, said.err.join());
    return said.out.at(-1) ?? "";
  };
  it("prints a signature that the firmware takes, for this image only", async () => {
    await keygen("--out", folder);
    const signature = await signed();
    const der = readFileSync(path(`${ID}.der`));
    assert.ok(firmwareVerifies(der, Buffer.from("an image"), signature));
    assert.ok(!firmwareVerifies(der, Buffer.from("an imago"), signature));
  });
  it("writes the DER that OpenSSL wants", async () => {
    await keygen("--out", folder);
    assert.equal(await sign(image, "--key", path(`${ID}.private.pem`), "--out", path("image.sig")), 0);
    const key = createPublicKey(readFileSync(path(`${ID}.public.pem`)));
    assert.ok(verify("sha256", readFileSync(image), key, readFileSync(path("image.sig"))));
  });
  it("takes the form that AWS Signer makes: base64 of DER over the SHA-256 of the file", async () => {
    await keygen("--out", folder);
    const { privateKey } = readSigningKey(path(`${ID}.private.pem`));
    // What Signer's platform AmazonFreeRTOS-Default returns for an ECDSA profile, made by another implementation.
    const theirs = Buffer.from(
      await crypto.subtle.sign(
        { name: "ECDSA", hash: "SHA-256" },
        await crypto.subtle.importKey(
          "pkcs8",
          privateKey.export({ type: "pkcs8", format: "der" }),
          { name: "ECDSA", namedCurve: "P-256" },
          false,
          ["sign"],
        ),
        readFileSync(image),
      ),
    );
    const der = derOf(theirs).toString("base64");
    assert.ok(firmwareVerifies(readFileSync(path(`${ID}.der`)), Buffer.from("an image"), der));
  });
  it(`is openssl dgst -sha256, both ways${hasOpenssl ? "" : " (needs openssl)"}`, async function () {
    if (!hasOpenssl) this.skip();
    await keygen("--out", folder);
    await sign("--key", path(`${ID}.private.pem`), "--out", path("ours.sig"), image);
    openssl("dgst", "-sha256", "-verify", `${ID}.public.pem`, "-signature", "ours.sig", "image.bin");
    const theirs = openssl("dgst", "-sha256", "-sign", `${ID}.private.pem`, "image.bin").toString("base64");
    assert.ok(firmwareVerifies(readFileSync(path(`${ID}.der`)), Buffer.from("an image"), theirs));
  });
  it(`takes the keys that openssl makes${hasOpenssl ? "" : " (needs openssl)"}`, async function () {
    if (!hasOpenssl) this.skip();
    writeFileSync(path("sec1.pem"), openssl("ecparam", "-name", "prime256v1", "-genkey"));
    writeFileSync(path("pkcs8.pem"), openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"));
    for (const name of ["sec1.pem", "pkcs8.pem"]) {
      openssl("ec", "-in", name, "-pubout", "-outform", "DER", "-out", "their.der");
      assert.equal(await sign("--key", path(name), image), 0, said.err.join());
      assert.ok(firmwareVerifies(readFileSync(path("their.der")), Buffer.from("an image"), said.out.at(-1) ?? ""));
    }
  });
  it("refuses keys of another kind, and a public one, with the file's name", async () => {
    const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
    writeFileSync(path("p384.pem"), pem(generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey));
    writeFileSync(path("rsa.pem"), pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey));
    for (const name of ["p384.pem", "rsa.pem"]) {
      await refuses(sign("--key", path(name), image), new RegExp(`${name}: not a key of the curve P-256`));
    }
    await keygen("--out", folder);
    said.out = [];
    await refuses(sign("--key", path(`${ID}.public.pem`), image), /public\.pem: no private key in PEM/);
    writeFileSync(path("broken.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    await refuses(sign("--key", path("broken.pem"), image), /broken\.pem: not a private key that can be read/);
    assert.throws(() => readPublicKey(path("p384.pem")), /a private key: it must not get into a firmware/);
    assert.throws(() => readPublicKey(image), /not a public key in PEM or DER/);
  });
  it("refuses a missing key, image or file, and two images", async () => {
    await keygen("--out", folder);
    said.out = [];
    const key = ["--key", path(`${ID}.private.pem`)];
    await refuses(sign(image), /--key is missing/);
    await refuses(sign(...key), /IMAGE is missing/);
    await refuses(sign(...key, image, image), /one IMAGE, not 2/);
    await refuses(sign(...key, path("none")), /none: ENOENT/);
    await refuses(sign("--key", path("none"), image), /none: ENOENT/);
    writeFileSync(path("empty"), "");
    await refuses(sign(...key, path("empty")), /empty is empty/);
    await refuses(sign(...key, "--out", path("no", "folder"), image), /--out .* cannot be written/);
  });
});

/** r and s, 32 bytes each, as DER. */
function derOf(raw: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const first = bytes.findIndex((byte) => byte !== 0);
    const digits = bytes.subarray(first);
    const value = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
    return Buffer.concat([Buffer.of(2, value.length), value]);
  };
  const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
