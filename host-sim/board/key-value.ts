import { readFileSync } from "node:fs";
import { makePrivateFile, writeFileAtomically } from "local-aws-iot/files";

/** What the board's non-volatile store keeps. */
export type StoredValue = string | number | boolean | Uint8Array;

/** NVS of ESP-IDF: longest key and longest namespace. */
const MAX_NAME_LENGTH = 15;
/** NVS: longest string, with its final zero. */
const MAX_STRING_BYTES = 4000;

/**
 * The model of NVS: typed values under a namespace and a key. A change is atomic and durable when the call returns, as
 * `nvs_commit` is. What the SDK makes of it, two changes for a value that is replaced, is in `host-calls.ts`.
 *
 * Its file holds the device's key: only its owner reads it.
 *
 * It lies beside the flash image and not in its `nvs` partition: NVS's own format is no concern of an update, and its
 * promise (old or new value, never neither) is all that the firmware relies on.
 */
export class KeyValueStore {
  readonly #domains = new Map<string, Map<string, StoredValue>>();
  readonly #path: string | undefined;

  /** Without `path` the values live in memory. @throws Error when the file is not one of this class. */
  constructor(path?: string) {
    this.#path = path;
    if (path !== undefined) this.#load(path);
  }

  get(domain: string, key: string): StoredValue | undefined {
    checkNames(domain, key);
    const value = this.#domains.get(domain)?.get(key);
    return value instanceof Uint8Array ? value.slice() : value;
  }

  /** @throws Error for what NVS refuses: long names, long strings, numbers that are not 32-bit integers. */
  set(domain: string, key: string, value: StoredValue): void {
    this.check(domain, key, value);
    let keys = this.#domains.get(domain);
    if (keys === undefined) {
      keys = new Map();
      this.#domains.set(domain, keys);
    }
    keys.set(key, value instanceof Uint8Array ? value.slice() : value);
    this.#save();
  }

  /** The refusals of {@link set}, without storing. */
  check(domain: string, key: string, value: StoredValue): void {
    checkNames(domain, key);
    if (typeof value === "number" && (value | 0) !== value) throw new Error("float unsupported");
    if (typeof value === "string" && Buffer.byteLength(value) >= MAX_STRING_BYTES) throw new Error("string too long");
  }

  delete(domain: string, key: string): void {
    checkNames(domain, key);
    if (this.#domains.get(domain)?.delete(key) === true) this.#save();
  }

  keys(domain: string): string[] {
    return [...(this.#domains.get(domain)?.keys() ?? [])];
  }

  /** All values, for the eyes of a test. */
  snapshot(): Record<string, Record<string, StoredValue>> {
    return Object.fromEntries([...this.#domains].map(([domain, keys]) => [domain, Object.fromEntries(keys)]));
  }

  #load(path: string): void {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
      throw error;
    }
    makePrivateFile(path);
    for (const [domain, keys] of entriesOf(JSON.parse(text), path)) {
      const values = new Map<string, StoredValue>();
      for (const [key, value] of entriesOf(keys, path)) values.set(key, decode(value, path));
      this.#domains.set(domain, values);
    }
  }

  #save(): void {
    if (this.#path === undefined) return;
    const text = JSON.stringify(this.snapshot(), (_key, value: unknown) =>
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value,
    );
    writeFileAtomically(this.#path, text);
  }
}

function checkNames(domain: string, key: string): void {
  if (domain.length > MAX_NAME_LENGTH || key.length > MAX_NAME_LENGTH) {
    throw new Error(`ESP_ERR_NVS_KEY_TOO_LONG: ${domain}/${key}`);
  }
  if (domain.length === 0 || key.length === 0) throw new Error("ESP_ERR_NVS_INVALID_NAME");
}

function entriesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${path} is not a key-value store`);
  }
  return Object.entries(value);
}

function decode(value: unknown, path: string): StoredValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "object" && value !== null && "base64" in value && typeof value.base64 === "string") {
    return new Uint8Array(Buffer.from(value.base64, "base64"));
  }
  throw new Error(`${path} is not a key-value store`);
}
