import { createHash } from "node:crypto";
import type { KnownCredentials } from "../sigv4/credentials.js";

/** Who a key pair belongs to. [AWS STS: GetCallerIdentity] */
export interface CallerIdentity {
  readonly arn: string;
  readonly userId: string;
}

/** There are two: the operator, a user, and the role that presigns URLs. */
export function callerIdentity({ accessKeyId, sessionToken }: KnownCredentials, account: string): CallerIdentity {
  if (sessionToken === undefined) {
    return { arn: `arn:aws:iam::${account}:user/operator`, userId: uniqueId("AIDA", "operator", account) };
  }
  const role = uniqueId("AROA", "presign", account);
  return { arn: `arn:aws:sts::${account}:assumed-role/presign/${accessKeyId}`, userId: `${role}:${accessKeyId}` };
}

/** An identifier in the form of IAM's, always the same for a name. */
function uniqueId(prefix: "AIDA" | "AROA", name: string, account: string): string {
  const digest = createHash("sha256").update(`${account}/${name}`).digest();
  const letters = [...digest.subarray(0, 17)].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32]);
  return prefix + letters.join("");
}
