/** Why something was not done. The tool's exit code follows from it, and so may what a page shows. */
export type FailureCode =
  /** A mistake of the caller: arguments, a file, a name that is not there. Nothing was done. */
  | "usage"
  /** The devices would refuse the image. Nothing was done. */
  | "image-refused"
  /** What was asked for is not possible in the state that things are in. */
  | "not-possible"
  /** An update went wrong, so that it must not go on. */
  | "update-failed"
  /** It may be possible later, without doing anything. */
  | "not-yet"
  /** AWS: these credentials may not do that. */
  | "access-denied"
  /** AWS: no credentials, expired ones, or ones that it does not know. */
  | "credentials"
  /** AWS: too many requests, also after all attempts. */
  | "throttled"
  | "no-bucket"
  /** AWS: the bucket, or the credentials, belong to another region. */
  | "wrong-region"
  | "not-found"
  | "already-exists"
  /** AWS: a quota of the account. */
  | "limit"
  | "unreachable"
  /** AWS: any other refusal or trouble; the message has its own name for it. */
  | "service"
  /** Ctrl-C. */
  | "interrupted";

/** A failure in words for whoever called: one line, and what mends it. */
export class FotaError extends Error {
  override readonly name = "FotaError";
  readonly code: FailureCode;
  /** Lines that say how to mend it: commands, lines of a policy. */
  readonly mend: readonly string[];

  constructor(
    code: FailureCode,
    message: string,
    { mend = [], cause }: { readonly mend?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.mend = mend;
  }
}

/** A mistake of the caller's. */
export function usage(message: string, ...mend: readonly string[]): FotaError {
  return new FotaError("usage", message, { mend });
}
