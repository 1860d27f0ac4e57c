import Preference from "preference";

/** One string that survives a power cut, replaced as a whole. */
export type TextStore = {
  /** `undefined` when nothing, or something that is not a string, is stored. */
  read(): string | undefined;
  write(text: string): void;
  remove(): void;
};

/** NVS keys and namespaces have at most 15 characters; longer ones fail on the device and pass in the simulator. */
const MAX_KEY_LENGTH = 15;

/** NVS strings are shorter than 4000 bytes. */
const MAX_TEXT_LENGTH = 3999;

/**
 * A {@link TextStore} in the SDK's preferences: NVS on the ESP32, a file in the desktop simulators.
 *
 * @throws RangeError for a domain or key that NVS would not take; `write` throws it for a text that is too long.
 */
export function openPreferenceStore(domain: string, key: string): TextStore {
  if (domain.length === 0 || key.length === 0 || domain.length > MAX_KEY_LENGTH || key.length > MAX_KEY_LENGTH)
    throw new RangeError("preference domain and key need 1 to 15 characters");
  return {
    read() {
      const value = Preference.get(domain, key);
      return typeof value === "string" ? value : undefined;
    },
    write(text) {
      if (text.length > MAX_TEXT_LENGTH) throw new RangeError("preference text too long");
      Preference.set(domain, key, text);
    },
    remove() {
      Preference.delete(domain, key);
    },
  };
}
