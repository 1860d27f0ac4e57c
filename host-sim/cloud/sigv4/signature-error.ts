/** Why a request was refused. Each service words these in its own way. */
export type SignatureProblem =
  | "missing"
  /** Signature Version 2 and before. */
  | "old-version"
  | "malformed"
  | "unknown-key"
  | "wrong-token"
  | "expired-token"
  | "wrong-region"
  | "skewed"
  | "expired"
  | "mismatch"
  | "wrong-body"
  /** What stands for the body's hash is missing, or no hash. */
  | "no-hash"
  | "bad-hash"
  /** Headers that had to be signed and were not. */
  | "unsigned-headers";

export class SignatureError extends Error {
  override readonly name = "SignatureError";
  constructor(
    readonly problem: SignatureProblem,
    message: string,
    /** Signed dates and the like, for the error's body. */
    readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
