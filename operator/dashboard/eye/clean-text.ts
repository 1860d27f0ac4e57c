/**
 * A text of a device or of AWS as it may stand on the page. The page never reads it as HTML; but control characters
 * could turn the direction of what follows, and lone surrogates are no text.
 */
export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "�");
}

/** Milliseconds, 0 for never. */
export function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}
