/**
 * A text of a device or of AWS as it may be written to a terminal: in it, control characters could move the cursor,
 * colour what follows, or say what nobody said.
 */
export function clean(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, "?");
}
