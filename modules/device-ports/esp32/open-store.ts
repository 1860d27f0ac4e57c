import { checkStoreNames, checkStoreText, type TextStore } from "foundation/text-store";
import Preference from "preference";

/** Follows the key in the name of the second place. */
const TWIN = "2";

/**
 * A {@link TextStore} in NVS, by the SDK's preferences.
 *
 * The SDK deletes a value before it writes the one that replaces it, so that a full NVS, or a power cut between the
 * two, would leave neither. Hence two places: the new text is written where none stands, then the old one is deleted.
 * While both stand the first counts: that is the old text or the new one, and `write` has not returned.
 *
 * @param key at most 14 characters
 * @throws RangeError for a domain or key that NVS would not take; `write` throws it for a text that is too long.
 */
export function openStore(domain: string, key: string): TextStore {
  const twin = key + TWIN;
  checkStoreNames(domain, key);
  checkStoreNames(domain, twin);
  const textAt = (name: string) => {
    const value = Preference.get(domain, name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    read: () => textAt(key) ?? textAt(twin),
    write(text) {
      checkStoreText(text);
      const standsFirst = textAt(key) !== undefined;
      Preference.set(domain, standsFirst ? twin : key, text);
      Preference.delete(domain, standsFirst ? key : twin);
    },
    remove() {
      Preference.delete(domain, key);
      Preference.delete(domain, twin);
    },
  };
}
