import { AwsJobs, type AwsJobsOptions } from "../aws-jobs/index.js";
import { FotaDownload, type FotaDownloadOptions } from "../fota-download/index.js";
import { PatchDecoder, type PatchDecoderOptions } from "../fota-patch/index.js";
import { SlotVerifier, type SlotVerifierOptions, SlotWriter, type SlotWriterOptions } from "../ota-partition/index.js";

/** The lower modules as far as the agent uses them. */
export type JobsPart = Pick<AwsJobs, "open" | "close" | "describeNext" | "describe" | "update">;
export type DownloadPart = Pick<FotaDownload, "start" | "resume" | "close" | "offset" | "stats">;
export type WriterPart = Pick<
  SlotWriter,
  "write" | "space" | "isBusy" | "finish" | "close" | "position" | "written" | "blankTail"
>;
export type VerifierPart = { start(): void; close(): void };

export type PatchPart = Pick<PatchDecoder, "writeSome" | "finish" | "isHungry" | "frame">;

/** How they are made. Tests put fakes here; everything else uses the default. */
export type Parts = {
  readonly jobs: (options: AwsJobsOptions) => JobsPart;
  readonly download: (options: FotaDownloadOptions) => DownloadPart;
  readonly writer: (options: SlotWriterOptions) => WriterPart;
  readonly verifier: (options: SlotVerifierOptions) => VerifierPart;
  readonly patch: (options: PatchDecoderOptions) => PatchPart;
};

export const DEFAULT_PARTS: Parts = Object.freeze({
  jobs: (options: AwsJobsOptions) => new AwsJobs(options),
  download: (options: FotaDownloadOptions) => new FotaDownload(options),
  writer: (options: SlotWriterOptions) => new SlotWriter(options),
  verifier: (options: SlotVerifierOptions) => new SlotVerifier(options),
  patch: (options: PatchDecoderOptions) => new PatchDecoder(options),
});
