/** The same story again and again with the power cut at another step each time, judged by invariants. */
export { boundsOf, describeCut, INVARIANTS, type Invariant, type Violation, violationsOf } from "./invariants.js";
export { type CutPair, cutArguments, type SeenStep, sampledCuts, sampledPairs, singleCuts } from "./plan.js";
export { type Failure, runSet, type SetOptions, type SetReport } from "./run-set.js";
export { type RunOptions, runStory } from "./run-story.js";
export {
  type Fate,
  type ImageMaker,
  type KnownImage,
  type PatchMaker,
  STORY_NAMES,
  type Story,
  type StoryJob,
  type StoryMakers,
  type StoryName,
  storyNamed,
} from "./story.js";
export type { CutMade, Ending, Rest, StoryRun } from "./story-run.js";
