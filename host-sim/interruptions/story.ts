/** What happens in one run, cuts aside: which images, which jobs, what the operator does. */
export const STORY_NAMES = Object.freeze([
  "good",
  "self-test-fails",
  "crashes",
  "cancelled",
  "two-jobs",
  "delta",
  "delta-fails",
] as const);
/** Name of a story. */
export type StoryName = (typeof STORY_NAMES)[number];

/** An image with its version. */
export type KnownImage = {
  readonly version: string;
  readonly bytes: Uint8Array;
  /** Its program is meant to crash. */
  readonly crashes?: boolean;
};

/** How an execution ends when nothing interrupts it. */
export type Fate = "installs" | "fails" | "canceled";

/** A job of a story. */
export type StoryJob = {
  readonly jobId: string;
  readonly image: KnownImage;
  readonly fate: Fate;
  /** Makes the image out of the first one; `isGood`: not damaged. */
  readonly patch?: { readonly bytes: Uint8Array; readonly isGood: boolean };
};

/** What happens in one run. */
export type Story = {
  readonly name: string;
  /** In the first slot at the beginning. */
  readonly first: KnownImage;
  /** Created together, in this order. */
  readonly jobs: readonly StoryJob[];
};

/** Builds an image. `trial`: what its self-test does; absent: the sample application. */
export type ImageMaker = (version: string, trial?: "pass" | "fail" | "crash") => KnownImage;

/** Makes `to` out of `from`. */
export type PatchMaker = (from: Uint8Array, to: Uint8Array) => Uint8Array;

/** A story with all that is made for it. */
export type StoryMakers = { readonly image: ImageMaker; readonly patch: PatchMaker };

/** The stories. The images are the maker's, so that the same story runs with small and with large ones. */
export function storyNamed(name: StoryName, { image: make, patch }: StoryMakers): Story {
  switch (name) {
    case "delta":
      return deltaStory(name, make, patch);
    case "delta-fails":
      return deltaStory(name, make, (from, to) => damagedInTheMiddle(patch(from, to)));
    case "good":
      return { name, first: make("1.0.1"), jobs: [{ jobId: "job-1", image: make("1.0.2"), fate: "installs" }] };
    case "self-test-fails":
      return {
        name,
        first: make("1.0.1", "pass"),
        jobs: [{ jobId: "job-1", image: make("1.0.2", "fail"), fate: "fails" }],
      };
    case "crashes":
      return {
        name,
        first: make("1.0.1", "pass"),
        jobs: [{ jobId: "job-1", image: { ...make("1.0.2", "crash"), crashes: true }, fate: "fails" }],
      };
    case "cancelled":
      return { name, first: make("1.0.1"), jobs: [{ jobId: "job-1", image: make("1.0.2"), fate: "canceled" }] };
    case "two-jobs":
      return {
        name,
        first: make("1.0.1"),
        jobs: [
          { jobId: "job-1", image: make("1.0.2"), fate: "installs" },
          { jobId: "job-2", image: make("1.0.3"), fate: "installs" },
        ],
      };
  }
}

/** The two images are of different programs, so that each frame of the patch holds something. */
function deltaStory(name: "delta" | "delta-fails", make: ImageMaker, patch: PatchMaker): Story {
  const first = make("1.0.1", "pass");
  const image = make("1.0.2");
  const bytes = patch(first.bytes, image.bytes);
  return {
    name,
    first,
    jobs: [{ jobId: "job-1", image, fate: "installs", patch: { bytes, isGood: name === "delta" } }],
  };
}

/** Good frames first: a part of the slot is written before the patch is found to be of no use. */
function damagedInTheMiddle(patch: Uint8Array): Uint8Array {
  return patch.map((byte, index) => (index < patch.length / 2 ? byte : byte ^ 0x55));
}
