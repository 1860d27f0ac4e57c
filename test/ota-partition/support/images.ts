import { buildBundleImage, buildDescriptor, buildImage, type ImageOptions } from "../../../modules/esp32-sim/index.js";
import { OtaPartitionError, type OtaPartitionErrorCode } from "../../../modules/ota-partition/index.js";
import { NodeDigest } from "../../esp32-sim/support/node-digest.js";

export { NodeDigest };

export const descriptor = (): Uint8Array => buildDescriptor({ version: "1.2.3", project: "writer-test" });

/** A valid image of exactly this many bytes. */
export function imageOfSize(totalSize: number): Uint8Array {
  return buildBundleImage({
    bundle: new Uint8Array(100),
    version: "1.2.3",
    project: "writer-test",
    totalSize,
    Digest: NodeDigest,
  });
}

/** A small image with chosen peculiarities. */
export function smallImage(options: Partial<ImageOptions> = {}): Uint8Array {
  return buildImage({ segments: [{ address: 0x3f400020, data: descriptor() }], Digest: NodeDigest, ...options });
}

/** For assert.throws: an OtaPartitionError with this code. */
export const failure = (code: OtaPartitionErrorCode) => (error: unknown) =>
  error instanceof OtaPartitionError && error.code === code;
