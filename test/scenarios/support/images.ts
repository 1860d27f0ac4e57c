import { fileURLToPath } from "node:url";
import { type ConfigValue, compileFirmware, type FirmwareArchive, imageOf } from "../../../host-sim/image/index.js";
import { simulatedKey } from "../../../host-sim/signing/index.js";

const SCENARIO_APP = fileURLToPath(new URL("../../fixtures/scenario-app/manifest.json", import.meta.url));

/** The sample application, or the one with every option in its configuration. */
export type AppName = "sample" | "scenario";

const compiled = new Map<AppName, Promise<FirmwareArchive>>();
const built = new Map<string, Uint8Array>();

export type ImageWish = {
  readonly app?: AppName;
  readonly version: string;
  readonly project?: string;
  /** Bytes; default: five blocks of 64 KiB and a bit, so that several offsets are stored on the way. */
  readonly size?: number;
  readonly seed?: number;
  readonly secureVersion?: number;
  /** Configuration of this image alone; the board's own is stronger. */
  readonly config?: Readonly<Record<string, ConfigValue>>;
  readonly resources?: Readonly<Record<string, Uint8Array>>;
};

export const DEFAULT_IMAGE_SIZE = 5 * 65_536 + 4_000;

/** Compiles an application once for each process. */
export function appNamed(app: AppName): Promise<FirmwareArchive> {
  let archive = compiled.get(app);
  if (archive === undefined) {
    archive = compileFirmware(app === "sample" ? { minify: true } : { manifest: SCENARIO_APP, minify: true });
    compiled.set(app, archive);
  }
  return archive;
}

const KEYS = Object.freeze({ "code-signing-key.der": simulatedKey().publicKey });

/** Firmware that installs what the simulated publisher signed, as all of the scenarios' boards run it. */
export function trustingImage(wish: Omit<ImageWish, "resources">): Promise<Uint8Array> {
  return imageFor({ ...wish, resources: KEYS });
}

/** The same wish gives the same bytes. Without the resource `code-signing-key.der` the firmware has no signing key. */
export async function imageFor(wish: ImageWish): Promise<Uint8Array> {
  const { app = "sample", version, project, size = DEFAULT_IMAGE_SIZE, seed, secureVersion, config, resources } = wish;
  const key = JSON.stringify([
    app,
    version,
    project,
    size,
    seed,
    secureVersion,
    config,
    Object.keys(resources ?? {}),
    resources === KEYS,
  ]);
  const isCommon = resources === undefined || resources === KEYS;
  const known = isCommon ? built.get(key) : undefined;
  if (known !== undefined) return known;
  const archive = await appNamed(app);
  const image = imageOf(
    {
      ...archive,
      config: { ...archive.config, ...config },
      resources: { ...archive.resources, ...resources },
    },
    {
      version,
      size,
      ...(project === undefined ? {} : { project }),
      ...(seed === undefined ? {} : { seed }),
      ...(secureVersion === undefined ? {} : { secureVersion }),
    },
  );
  if (isCommon) built.set(key, image);
  return image;
}
