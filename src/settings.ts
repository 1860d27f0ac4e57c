import Resource from "Resource";
import { keepFileSetting, readFileSetting } from "foundation/file-setting";
import config from "mc/config";
import Preference from "preference";

/**
 * A device's own settings. They come with the firmware that is flashed by cable (configuration and resources) and are
 * copied to NVS at its first start, so that the images published to a whole fleet carry no device's name or key: those
 * find them in NVS.
 */

/** NVS namespace; it and the names below have at most 15 characters. */
const DOMAIN = "device";

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

const store = Object.freeze({
  get: stored,
  set: (name: string, text: string) => Preference.set(DOMAIN, name, text),
  delete: (name: string) => Preference.delete(DOMAIN, name),
});

/**
 * The file `resource` of the firmware, or as an earlier firmware left it under `name`.
 * @throws RangeError when it is too long to be kept: more than 6000 bytes
 */
export function settingFile(name: string, resource: string): Uint8Array | undefined {
  if (!Resource.exists(resource)) return readFileSetting(store, name);
  const file = new Resource(resource);
  const bytes = new Uint8Array(file.slice(0, file.byteLength));
  keepFileSetting(store, name, bytes);
  return bytes;
}
