import Resource from "Resource";
import { bytesFromHex, hexFromBytes } from "foundation/hex";
import config from "mc/config";
import Preference from "preference";

/**
 * A device's own settings. They come with the firmware that is flashed by cable (configuration and resources) and are
 * copied to NVS at its first start, so that the images published to a whole fleet carry no device's name or key: those
 * find them in NVS.
 */

/** NVS namespace; it and the names below have at most 15 characters. */
const DOMAIN = "device";

/**
 * NVS strings are shorter than 4000 bytes: files of up to 1999 bytes, more than an RSA-2048 certificate or key needs.
 */
const MAX_FILE_LENGTH = 1999;

function stored(name: string): string | undefined {
  const value = Preference.get(DOMAIN, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Flash wears: what is there already is not written again. */
function keep(name: string, value: string): void {
  if (stored(name) !== value) Preference.set(DOMAIN, name, value);
}

/**
 * The setting `name` of the build's configuration (frozen in ROM; numbers and strings), or as an earlier firmware left
 * it.
 */
export function setting(name: string): string | undefined {
  const value = config[name];
  if ((typeof value !== "string" || value === "") && typeof value !== "number") return stored(name);
  keep(name, String(value));
  return String(value);
}

/**
 * The file `resource` of the firmware, or as an earlier firmware left it under `name`.
 * @throws RangeError when it is too long for NVS.
 */
export function settingFile(name: string, resource: string): Uint8Array | undefined {
  if (!Resource.exists(resource)) {
    const text = stored(name);
    return text === undefined ? undefined : bytesFromHex(text);
  }
  const file = new Resource(resource);
  if (file.byteLength > MAX_FILE_LENGTH) throw new RangeError(`${resource} has more than ${MAX_FILE_LENGTH} bytes`);
  const bytes = new Uint8Array(file.slice(0, file.byteLength));
  keep(name, hexFromBytes(bytes));
  return bytes;
}
