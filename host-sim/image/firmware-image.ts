import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildBundleImage } from "../../modules/esp32-sim/index.js";
import { NodeDigest } from "../chip/node-digest.js";
import { type ConfigValue, type FirmwareArchive, packFirmware } from "./archive.js";
import { bundleProgram } from "./bundle.js";
import { readManifests } from "./manifest.js";

const ROOT_MANIFEST = fileURLToPath(new URL("../../manifest.json", import.meta.url));

/** Which firmware is compiled, and how. */
export interface FirmwareOptions {
  /** The application's manifest. Default: the project's own. */
  readonly manifest?: string;
  /** Source of `main`, instead of the manifest's. */
  readonly entry?: string;
  /** Default: `"esp32"`. */
  readonly platform?: string;
  /** Added to, and stronger than, the manifests' `config`. */
  readonly config?: Readonly<Record<string, ConfigValue>>;
  /** Shortens names: a quarter less to download, unreadable stack traces. Default `false`. */
  readonly minify?: boolean;
}

/** What the image around a firmware looks like. */
export interface ImageOptions {
  /** Version in the application descriptor, at most 31 characters: the only place the firmware learns it from. */
  readonly version: string;
  /** Project name in the descriptor. Default: `moddable-aws-fota`. */
  readonly project?: string;
  /** Size of the image in bytes, reached with incompressible filler. Default: what the program needs. */
  readonly size?: number;
  /** Start of the filler. Default 1. */
  readonly seed?: number;
  /** CONFIG_BOOTLOADER_APP_SECURE_VERSION. Default 0. */
  readonly secureVersion?: number;
}

/**
 * Compiles the firmware as a build for the device would collect it.
 * @throws ManifestError
 */
export async function compileFirmware(options: FirmwareOptions = {}): Promise<FirmwareArchive> {
  const manifest = resolve(options.manifest ?? ROOT_MANIFEST);
  const plan = readManifests(manifest, options.platform ?? "esp32");
  const modules = new Map(plan.modules);
  if (options.entry !== undefined) modules.set("main", resolve(options.entry));
  return {
    program: await bundleProgram({ ...plan, modules }, dirname(manifest), options.minify),
    resources: Object.fromEntries([...plan.data].map(([name, file]) => [name, new Uint8Array(readFileSync(file))])),
    config: { ...plan.config, ...options.config },
    ffi: plan.ffi,
  };
}

/**
 * A valid ESP32 application image that carries the firmware. The same arguments give the same bytes.
 * @throws Esp32SimError `size-too-small` when `size` cannot hold the program, `RangeError` for a version or project
 * that does not fit
 */
export function imageOf(firmware: FirmwareArchive, options: ImageOptions): Uint8Array {
  const { version, project, size, seed, secureVersion } = options;
  checkText("version", version);
  if (project !== undefined) checkText("project", project);
  return buildBundleImage({
    bundle: packFirmware(firmware),
    version,
    Digest: NodeDigest,
    ...(project === undefined ? {} : { project }),
    ...(size === undefined ? {} : { totalSize: size }),
    ...(seed === undefined ? {} : { seed }),
    ...(secureVersion === undefined ? {} : { secureVersion }),
  });
}

/** The descriptor has 32 bytes for each, the last one zero. */
function checkText(name: string, text: string): void {
  if (!/^[\x21-\x7e]{1,31}$/.test(text))
    throw new RangeError(`${name} must be 1 to 31 visible ASCII characters: ${JSON.stringify(text)}`);
}

/** {@link compileFirmware} and {@link imageOf} in one. */
export async function buildFirmwareImage(options: FirmwareOptions & ImageOptions): Promise<Uint8Array> {
  return imageOf(await compileFirmware(options), options);
}
