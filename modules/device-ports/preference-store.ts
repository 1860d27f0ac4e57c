import Preference from "preference";

/** One string that survives a power cut, replaced as a whole. */
export type TextStore = {
  /** `undefined` when nothing, or something that is not a string, is stored. */
  read(): string | undefined;
  write(text: string): void;
  remove(): void;
};

/** NVS keys and namespaces have at most 15 characters; longer ones fail on the device and pass in the simulator. */
const MAX_NAME_LENGTH = 15;
/** Follows the key in the name of the second place. */
const TWIN = "2";

/** NVS strings are shorter than 4000 bytes. */
const MAX_TEXT_LENGTH = 3999;

/**
 * A {@link TextStore} in the SDK's preferences: NVS on the ESP32, a file in the desktop simulators.
 *
 * The SDK deletes a value before it writes the one that replaces it, so that a full NVS, or a power cut between the
 * two, would leave neither. Hence two places: the new text is written where none stands, then the old one is deleted. While
 * both stand the first counts: that is the old text or the new one, and `write` has not returned.
 *
 * @param key at most 14 characters
 * @throws RangeError for a domain or key that NVS would not take; `write` throws it for a text that is too long.
 */
export function openPreferenceStore(domain: string, key: string): TextStore {
  const twin = key + TWIN;
  if (domain.length === 0 || key.length === 0 || domain.length > MAX_NAME_LENGTH || twin.length > MAX_NAME_LENGTH)
    throw new RangeError("preference domain needs 1 to 15 characters, the key 1 to 14");
  const textAt = (name: string) => {
    const value = Preference.get(domain, name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    read: () => textAt(key) ?? textAt(twin),
    write(text) {
      if (text.length > MAX_TEXT_LENGTH) throw new RangeError("preference text too long");
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
