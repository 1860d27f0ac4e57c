import { NodeDigest } from "../../../host-sim/chip/node-digest.js";
import { buildBundleImage } from "../../../modules/esp32-sim/index.js";

/** A valid application image of the ESP32; its content is noise. */
export function image(version: string, { project = "app", size = 20_000, seed = 1 } = {}): Uint8Array {
  return buildBundleImage({
    bundle: new TextEncoder().encode(`version ${version}`),
    version,
    project,
    Digest: NodeDigest,
    totalSize: size,
    seed,
  });
}
