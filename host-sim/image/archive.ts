/**
 * What a firmware image carries for host-sim: the program, its resources, and what a Moddable build would have compiled
 * in. `[u32 length of header][header: JSON][program][resource][resource]...`, little-endian, UTF-8.
 */

/** JSON values of `mc/config`. */
export type ConfigValue =
  | string
  | number
  | boolean
  | null
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue };

/** The program of an image with what belongs to it. */
export interface FirmwareArchive {
  /** Text of a CommonJS module. */
  readonly program: string;
  /** Files of the manifests' `data` sections, by resource name. */
  readonly resources: Readonly<Record<string, Uint8Array>>;
  /** Merged `config` sections. */
  readonly config: Readonly<Record<string, ConfigValue>>;
  /** Names of the native functions that the manifests' `ffi` sections bind. */
  readonly ffi: readonly string[];
}

const HEADER_LENGTH_BYTES = 4;

/** The archive as bytes; equal archives give equal bytes. */
export function packFirmware(archive: FirmwareArchive): Uint8Array {
  const program = Buffer.from(archive.program, "utf8");
  const names = Object.keys(archive.resources).sort();
  const files = names.map((name) => archive.resources[name] ?? new Uint8Array(0));
  const header = Buffer.from(
    JSON.stringify({
      program: program.length,
      resources: names.map((name, index) => [name, files[index]?.length ?? 0]),
      config: archive.config,
      ffi: archive.ffi,
    }),
  );
  const length = Buffer.alloc(HEADER_LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  return new Uint8Array(Buffer.concat([length, header, program, ...files]));
}

/** @throws Error when the bytes are no firmware archive */
export function unpackFirmware(bytes: Uint8Array): FirmwareArchive {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < HEADER_LENGTH_BYTES) throw new Error("not a firmware archive");
  let offset = HEADER_LENGTH_BYTES + buffer.readUInt32LE(0);
  if (offset > buffer.length) throw new Error("not a firmware archive");
  const header: unknown = JSON.parse(buffer.toString("utf8", HEADER_LENGTH_BYTES, offset));
  if (!isHeader(header)) throw new Error("not a firmware archive");
  const take = (length: number): Uint8Array => {
    if (offset + length > buffer.length) throw new Error("the firmware archive is cut off");
    const part = new Uint8Array(buffer.subarray(offset, offset + length));
    offset += length;
    return part;
  };
  const program = Buffer.from(take(header.program)).toString("utf8");
  const resources = Object.fromEntries(header.resources.map(([name, length]) => [name, take(length)]));
  return { program, resources, config: header.config, ffi: header.ffi };
}

interface Header {
  readonly program: number;
  readonly resources: readonly (readonly [string, number])[];
  readonly config: Readonly<Record<string, ConfigValue>>;
  readonly ffi: readonly string[];
}

function isHeader(value: unknown): value is Header {
  return (
    typeof value === "object" &&
    value !== null &&
    "program" in value &&
    isLength(value.program) &&
    "resources" in value &&
    Array.isArray(value.resources) &&
    value.resources.every(
      (entry: unknown) => Array.isArray(entry) && typeof entry[0] === "string" && isLength(entry[1]),
    ) &&
    "config" in value &&
    typeof value.config === "object" &&
    value.config !== null &&
    "ffi" in value &&
    Array.isArray(value.ffi) &&
    value.ffi.every((name: unknown) => typeof name === "string")
  );
}

function isLength(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
