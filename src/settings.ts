import Resource from "Resource";
import { keepFileSetting, readFileSetting } from "foundation/file-setting";
import config from "mc/config";
import Preference from "preference";

/** NVS namespace; it and the names below have at most 15 characters. */
const DOMAIN = "device";

/** Of the build's configuration; numbers and strings. */
function configured(name: string): string | undefined {
  const value = config[name];
  return (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;
}

function carried(resource: string): Uint8Array | undefined {
  if (!Resource.exists(resource)) return undefined;
  const file = new Resource(resource);
  return new Uint8Array(file.slice(0, file.byteLength));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A device's own settings. They come with the firmware that is flashed by cable (configuration and resources) and are
 * copied to NVS by `keep()`, so that the images published to a whole fleet carry no device's name or key: those find
 * them in NVS.
 *
 * Nothing in here throws: an NVS that is full, damaged or cannot be written is said, and what the firmware carries
 * itself is used all the same.
 */
export class DeviceSettings {
  #say: (text: string) => void;
  /** Everything that was asked for, to be kept. */
  #texts: string[] = [];
  #files: (readonly [name: string, resource: string])[] = [];

  /** @param say receives one line for each setting that could not be read or kept; never a value */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /**
   * The setting `name` of the build's configuration (frozen in ROM; numbers and strings), or as an earlier firmware
   * left it.
   */
  text(name: string): string | undefined {
    this.#texts.push(name);
    return configured(name) ?? this.stored(name);
  }

  /** The file `resource` of the firmware, or as an earlier firmware left it under `name`. */
  file(name: string, resource: string): Uint8Array | undefined {
    this.#files.push([name, resource]);
    return carried(resource) ?? readFileSetting(this.store(), name);
  }

  /**
   * Copies to NVS what the firmware carries of all that was asked for. Not for an image on trial: one that is taken
   * back would leave its settings to the one before it. Flash wears: what is there already is not written again.
   */
  keep(): void {
    for (const name of this.#texts) {
      const text = configured(name);
      if (text !== undefined && this.stored(name) !== text) this.attempt(name, () => this.replace(name, text));
    }
    for (const [name, resource] of this.#files) {
      const bytes = carried(resource);
      if (bytes !== undefined) this.attempt(name, () => keepFileSetting(this.store(), name, bytes));
    }
  }

  private store() {
    return {
      get: (part: string) => this.stored(part),
      set: (part: string, text: string) => this.replace(part, text),
      delete: (part: string) => Preference.delete(DOMAIN, part),
    };
  }

  private stored(name: string): string | undefined {
    let value: unknown;
    try {
      value = Preference.get(DOMAIN, name);
    } catch (error) {
      this.#say(`settings: "${name}" cannot be read from NVS: ${reasonOf(error)}`);
      return undefined;
    }
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string") return value;
    this.#say(`settings: "${name}" in NVS is no text`);
    return undefined;
  }

  /** The SDK deletes the old value first: where the new one finds no room, the old one is put back. */
  private replace(name: string, text: string): void {
    const before = this.stored(name);
    try {
      Preference.set(DOMAIN, name, text);
    } catch (error) {
      if (before !== undefined) Preference.set(DOMAIN, name, before);
      throw error;
    }
  }

  private attempt(name: string, keep: () => void): void {
    try {
      keep();
    } catch (error) {
      this.#say(
        `settings: NVS does not keep "${name}" (${reasonOf(error)}); an image that does not carry it will miss it`,
      );
    }
  }
}
