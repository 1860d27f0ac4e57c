/** What happens in one run, cuts aside: which images, which jobs, what the operator does. */
export const STORY_NAMES = Object.freeze(["good", "self-test-fails", "crashes", "cancelled", "two-jobs"] as const);
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
export type StoryJob = { readonly jobId: string; readonly image: KnownImage; readonly fate: Fate };

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

/** The stories. The images are the maker's, so that the same story runs with small and with large ones. */
export function storyNamed(name: StoryName, make: ImageMaker): Story {
  switch (name) {
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
