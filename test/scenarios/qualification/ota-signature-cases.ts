import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { simulatedKey } from "../../../host-sim/signing/index.js";
import { type Scenario, SECOND } from "../support/scenario.js";
import { nothingLoaded, staysOnTheOldImage } from "./board-checks.js";
import type { QualificationCase } from "./case.js";
import { newSigner, signatureOf } from "./signing.js";

const FIELD = "sig-sha256-ecdsa";
/**
 * Whose images the scenarios' boards trust. This one and the others are made anew in each run: no test key lies about.
 */
const VENDOR = simulatedKey();
const STRANGER = newSigner();
const OTHER_CURVE = newSigner("secp384r1");
const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

/** A job with these members in its document, made from the image. */
async function offer(
  run: Scenario,
  jobId: string,
  members: (image: Uint8Array) => Readonly<Record<string, unknown>>,
): Promise<void> {
  const image = await run.image(SECOND);
  await run.publish({ jobId, image, unsigned: true, document: members(image) });
}

const bySigner = (signer: Pick<typeof VENDOR, "privateKey">) => (image: Uint8Array) => ({
  [FIELD]: signatureOf(image, signer.privateKey),
});

/** The refusal did no harm: the same image with a good signature is installed. */
async function takesTheSignedOne(run: Scenario): Promise<void> {
  await offer(run, "job-signed", bySigner(VENDOR));
  run.succeeds(SECOND, "job-signed");
  await run.intact({ probe: false });
}

export const OTA_SIGNATURE_CASES: readonly QualificationCase[] = Object.freeze([
  {
    name: "OTAE2ESignedImage",
    checks: "an image signed with the key that the firmware trusts is installed (the counterpart of the next three)",
    xs: true,
    play: async (run) => {
      await offer(run, "job-1", bySigner(VENDOR));
      run.succeeds();
      await run.publish({ jobId: "job-2", version: "1.0.3", unsigned: true });
      run.endsWith("REJECTED", "signature-missing", "job-2");
      run.until(() => !run.record.includes('"job"'), "the job is settled");
      await run.intact({ probe: false });
    },
  },
  {
    name: "OTAE2EUnsignedImage",
    checks: "without a signature nothing is loaded, not even when the operator insists",
    play: async (run) => {
      await run.publish({ unsigned: true });
      run.endsWith("REJECTED", "signature-missing");
      nothingLoaded(run);
      await run.publish({ jobId: "job-2", unsigned: true, document: { force: true } });
      run.endsWith("REJECTED", "signature-missing", "job-2");
      staysOnTheOldImage(run);
      await takesTheSignedOne(run);
    },
  },
  {
    name: "OTAE2EUntrustedCertificate",
    checks: "a signature of another key, or over another image, is found out before the boot flag is set",
    xs: true,
    play: async (run) => {
      await offer(run, "job-1", bySigner(STRANGER));
      run.endsWith("REJECTED", "signature-invalid");
      assert.equal(run.wire.requests.length, 1, "loaded, and read back from flash");
      const other = await run.image("1.0.3");
      await offer(run, "job-2", () => bySigner(VENDOR)(other));
      run.endsWith("REJECTED", "signature-invalid", "job-2");
      staysOnTheOldImage(run);
      await takesTheSignedOne(run);
    },
  },
  {
    name: "OTAE2EIncorrectSigningAlgorithm",
    checks:
      "RSA and SHA-1 are refused under their own names before the download, under the name of ECDSA P-256 before the boot flag",
    play: async (run) => {
      const named: readonly ((image: Uint8Array) => Readonly<Record<string, unknown>>)[] = [
        (image) => ({ "sig-sha256-rsa": signatureOf(image, RSA) }),
        (image) => ({ "sig-sha1-ecdsa": signatureOf(image, VENDOR.privateKey, "sha1") }),
        (image) => ({ "sig-sha1-rsa": signatureOf(image, RSA, "sha1") }),
      ];
      for (const [index, members] of named.entries()) {
        await offer(run, `named-${index}`, members);
        run.endsWith("REJECTED", "signature-unsupported", `named-${index}`);
      }
      assert.deepEqual(run.wire.requests, []);
      const disguised = [
        (image: Uint8Array) => signatureOf(image, RSA),
        (image: Uint8Array) => signatureOf(image, VENDOR.privateKey, "sha1"),
        (image: Uint8Array) => signatureOf(image, OTHER_CURVE.privateKey),
      ];
      for (const [index, signature] of disguised.entries()) {
        await offer(run, `disguised-${index}`, (image) => ({ [FIELD]: signature(image) }));
        run.endsWith("REJECTED", "signature-invalid", `disguised-${index}`);
      }
      staysOnTheOldImage(run);
      await takesTheSignedOne(run);
    },
  },
] satisfies QualificationCase[]);
