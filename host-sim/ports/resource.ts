/** SDK `Resource`: data files of the build. Not an ArrayBuffer, though the SDK's native readers accept it. */
import { copyOf, viewOf } from "./bytes.js";
import { asBytes, callHost } from "./host.js";

let contentOf: (resource: Resource) => Uint8Array;

class Resource {
  readonly #content: Uint8Array;

  static {
    contentOf = (resource) => resource.#content;
  }

  constructor(path: string) {
    const content = callHost("resource.get", path);
    if (content === undefined || content === null) throw new URIError(`Resource not found: ${path}`);
    this.#content = asBytes(content);
  }

  static exists(path: string): boolean {
    const content = callHost("resource.get", path);
    return content !== undefined && content !== null;
  }

  get byteLength(): number {
    return this.#content.byteLength;
  }

  slice(begin: number, end: number = this.#content.byteLength): ArrayBuffer {
    return copyOf(this.#content.slice(begin, end));
  }
}

/** Bytes of whatever a native reader accepts: Resource, ArrayBuffer or view. TypeError otherwise. */
export function bytesOf(value: unknown): Uint8Array {
  return value instanceof Resource ? contentOf(value) : viewOf(value);
}

export default Resource;
