import { createHash } from "node:crypto";
import type { JobExecution } from "../../../modules/aws-jobs/index.js";
import type { VerifiedImage } from "../../../modules/ota-partition/index.js";

/** Erase blocks of the flash. */
export const BLOCK = 65536;
/** Bytes of the image that the jobs offer. */
export const SIZE = 3 * BLOCK + 1000;
export const URL = "https://b.s3.amazonaws.com/k?X-Amz-Signature=secret";
export const DIGEST = createHash("sha256").update("image").digest();

/** Well-formed; whether it is good is up to the bench's verifier. */
export const SIGNATURE = Buffer.from([48, 6, 2, 1, 1, 2, 1, 1]).toString("base64");
/** The key of the bench's firmware. */
export const SIGNING_KEY = { id: "key-1", key: Uint8Array.of(4, ...new Uint8Array(64).fill(1)) };

/** Signed. As after a journey through JSON: a change to `undefined` takes the member away. */
export function document(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const members: Record<string, unknown> = {
    operation: "app_fw_update",
    fwversion: "v1.0.2",
    size: SIZE,
    location: { url: URL },
    "sig-sha256-ecdsa": SIGNATURE,
    ...changes,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

export function execution(changes: Partial<JobExecution> = {}): JobExecution {
  return {
    jobId: "job-1",
    status: "QUEUED",
    statusDetails: {},
    queuedAt: 1,
    lastUpdatedAt: 1,
    versionNumber: 1,
    executionNumber: 1,
    jobDocument: document(),
    ...changes,
  };
}

/** What the verifier says of the image that the jobs offer. */
export function verifiedImage(changes: Partial<VerifiedImage> = {}): VerifiedImage {
  return {
    version: "1.0.2",
    project: "blink",
    idfVersion: "",
    time: "",
    date: "",
    secureVersion: 0,
    chipId: 0,
    minRevision: 0,
    maxRevision: 0,
    segments: 1,
    entry: 0,
    imageLength: SIZE,
    sha256: Uint8Array.from(DIGEST),
    ...changes,
  };
}
