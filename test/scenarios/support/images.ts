import { fileURLToPath } from "node:url";
import { type ConfigValue, compileFirmware, type FirmwareArchive, imageOf } from "../../../host-sim/image/index.js";

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

/** The same wish gives the same bytes. */
export async function imageFor(wish: ImageWish): Promise<Uint8Array> {
  const { app = "sample", version, project, size = DEFAULT_IMAGE_SIZE, seed, secureVersion, config, resources } = wish;
  const key = JSON.stringify([app, version, project, size, seed, secureVersion, config, Object.keys(resources ?? {})]);
  const known = resources === undefined ? built.get(key) : undefined;
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
  if (resources === undefined) built.set(key, image);
  return image;
}
