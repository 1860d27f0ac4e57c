/** A name, certificate or key that cannot be used: one line that says what is wrong, without a secret. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError";
}
