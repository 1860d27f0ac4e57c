/** The members of a field's comma-separated list, lower case, without their parameters. [RFC 9110 5.6.1] */
export function listOf(value: string | undefined): string[] {
  const members = (value ?? "").split(",").map((member) => (member.split(";")[0] ?? "").trim().toLowerCase());
  return members.filter((member) => member !== "");
}

/** Digits alone; at most 15 of them, so that the number is exact. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Content-Length; repetitions of the same number are one. [RFC 9110 8.6] */
export function contentLength(value: string | undefined): number | undefined {
  const [first, ...others] = listOf(value);
  return others.every((other) => other === first) ? wholeNumber(first) : undefined;
}

/**
 * Whether Transfer-Encoding is `chunked` and nothing else; `undefined` when it is absent, or the `identity` of older
 * servers. [RFC 9112 7]
 */
export function isChunked(value: string | undefined): boolean | undefined {
  const codings = listOf(value).filter((coding) => coding !== "identity");
  if (codings.length === 0) return undefined;
  return codings.length === 1 && codings[0] === "chunked";
}
