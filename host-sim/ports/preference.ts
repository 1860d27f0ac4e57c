/** SDK `preference` with the limits of its ESP32 implementation (NVS); the desktop simulators are laxer. */
import { copyOf } from "./bytes.js";
import { asBytes, callHost } from "./host.js";
import { encodeUtf8 } from "./utf8.js";

type PreferenceValue = string | boolean | number | ArrayBuffer;

/** ESP-IDF NVS: NVS_KEY_NAME_MAX_SIZE is 16 with the terminating zero. */
const MAX_KEY_LENGTH = 15;
/** ESP-IDF NVS: longest string with its terminating zero. */
const MAX_STRING_BYTES = 4000;

function checked(name: unknown): string {
  const text = String(name);
  if (text.length === 0 || text.length > MAX_KEY_LENGTH) throw new Error("invalid key");
  return text;
}

function storable(value: unknown): string | boolean | number | Uint8Array {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") {
    if ((value | 0) !== value) throw new Error("float unsupported");
    return value;
  }
  if (typeof value === "string") {
    if (encodeUtf8(value).byteLength >= MAX_STRING_BYTES) throw new Error("value too long");
    return value;
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new Error("unsupported type");
}

const Preference = Object.freeze({
  set(domain: unknown, key: unknown, value: unknown): void {
    callHost("kv.set", checked(domain), checked(key), storable(value));
  },

  get(domain: unknown, key: unknown): PreferenceValue | undefined {
    const value = callHost("kv.get", checked(domain), checked(key));
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    return copyOf(asBytes(value));
  },

  delete(domain: unknown, key: unknown): void {
    callHost("kv.delete", checked(domain), checked(key));
  },

  keys(domain: unknown): string[] {
    const keys = callHost("kv.keys", checked(domain));
    return Array.isArray(keys) ? keys.map(String) : [];
  },
});

export default Preference;
