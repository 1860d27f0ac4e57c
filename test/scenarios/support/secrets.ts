import assert from "node:assert/strict";

/** Names that only a presigned query has. */
const MARKS: readonly string[] = Object.freeze([
  "X-Amz-Signature",
  "X-Amz-Credential",
  "X-Amz-Security-Token",
  "X-Amz-Date",
  "-----BEGIN",
]);

/** The secret values inside presigned URLs. */
const VALUES = /X-Amz-(?:Signature|Security-Token|Credential)=([^&"\s\\]{8,})/g;

/**
 * What must not be told: values of every presigned URL in `delivered`, and the key in the notations that a program
 * would print.
 */
export function secretsIn(delivered: readonly string[], key: Uint8Array): string[] {
  const values = delivered.flatMap((text) => [...text.matchAll(VALUES)].map((match) => match[1] ?? ""));
  const bytes = Buffer.from(key);
  return [...MARKS, ...values, bytes.toString("hex").slice(40, 120), bytes.toString("base64").slice(40, 120)];
}

/** Design rule R11: none of the secrets stands in what the device tells. `told` maps a place to its texts. */
export function assertNoSecret(told: Readonly<Record<string, readonly string[]>>, secrets: readonly string[]): void {
  const known = new Set(secrets);
  for (const [place, texts] of Object.entries(told)) {
    const all = texts.join("\n");
    for (const secret of known) {
      if (!all.includes(secret)) continue;
      const line = texts.find((text) => text.includes(secret)) ?? "";
      assert.fail(`R11: a secret (${secret.slice(0, 24)}) is told in ${place}: ${line.slice(0, 200)}`);
    }
  }
}
