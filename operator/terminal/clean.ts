/**
 * A text of a device or of AWS as it may be written to a terminal: in it, control characters could move the cursor,
 * colour what follows, or turn its direction.
 */
export function clean(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
