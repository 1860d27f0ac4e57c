import { fileURLToPath } from "node:url";
import { makePatch } from "fota-operator/patch";
import { compileFirmware, type FirmwareArchive, imageOf } from "../../host-sim/image/index.js";
import type { StoryMakers } from "../../host-sim/interruptions/index.js";
import { trustingSimulatedKey } from "../../host-sim/signing/index.js";

const TRIAL_MANIFEST = fileURLToPath(new URL("../fixtures/firmware/manifest.json", import.meta.url));

let compiled: Promise<{ readonly sample: FirmwareArchive; readonly trial: FirmwareArchive }> | undefined;

/**
 * Both firmwares as small as they get, compiled once in a process: the sample application, and the one whose self-test
 * can be told what to do.
 */
export function storyFirmware(): NonNullable<typeof compiled> {
  compiled ??= (async () => ({
    sample: trustingSimulatedKey(await compileFirmware({ minify: true })),
    trial: trustingSimulatedKey(await compileFirmware({ manifest: TRIAL_MANIFEST, minify: true })),
  }))();
  return compiled;
}

/** What the self-test of an image does, see `test/fixtures/firmware/main.ts`. */
export type Trial = "pass" | "fail" | "silent" | "throw" | "crash" | "crash-at-start" | "hang" | "spin";

/** An image of the test application. `config` is added to its configuration. */
export async function trialImage(
  version: string,
  trial: Trial,
  config: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Uint8Array> {
  const { trial: firmware } = await storyFirmware();
  return imageOf({ ...firmware, config: { ...firmware.config, trial, ...config } }, { version });
}

/** Images of the smallest size for the stories, and patches between them. */
export async function storyMakers(): Promise<StoryMakers> {
  const { sample, trial } = await storyFirmware();
  return {
    image: (version, wanted) => ({
      version,
      bytes: imageOf(wanted === undefined ? sample : { ...trial, config: { ...trial.config, trial: wanted } }, {
        version,
      }),
    }),
    patch: (from, to) => makePatch({ from, to }),
  };
}
