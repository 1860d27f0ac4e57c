import { checkStoreNames, checkStoreText, type TextStore } from "foundation/text-store";
import Preference from "preference";

/**
 * A {@link TextStore} in NVS, by the SDK's preferences.
 *
 * @throws RangeError for a domain or key that NVS would not take; `write` throws it for a text that is too long.
 */
export function openStore(domain: string, key: string): TextStore {
  checkStoreNames(domain, key);
  return {
    read() {
      const value = Preference.get(domain, key);
      return typeof value === "string" ? value : undefined;
    },
    write(text) {
      checkStoreText(text);
      Preference.set(domain, key, text);
    },
    remove() {
      Preference.delete(domain, key);
    },
  };
}
