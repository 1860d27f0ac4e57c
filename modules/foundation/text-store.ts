/** One string that survives a power cut, replaced as a whole. */
export type TextStore = {
  /** `undefined` when nothing, or something that is not a string, is stored. */
  read(): string | undefined;
  write(text: string): void;
  remove(): void;
};

/** NVS keys and namespaces have at most 15 characters; a store needs one of its key's for itself. */
const MAX_NAME_LENGTH = 15;

/** NVS strings are shorter than 4000 bytes. */
const MAX_TEXT_LENGTH = 3999;

/**
 * What NVS does not take fails in the simulators as well.
 * @throws RangeError for a namespace of another length than 1 to 15, a key of another than 1 to 14
 */
export function checkStoreNames(domain: string, key: string): void {
  if (domain.length === 0 || key.length === 0 || domain.length > MAX_NAME_LENGTH || key.length >= MAX_NAME_LENGTH)
    throw new RangeError("preference domain needs 1 to 15 characters, the key 1 to 14");
}

/** @throws RangeError for a text that NVS would not take */
export function checkStoreText(text: string): void {
  if (text.length > MAX_TEXT_LENGTH) throw new RangeError("preference text too long");
}
