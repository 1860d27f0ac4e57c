/** Switches of the Device Shadow service. */
export interface ShadowOptions {
  /** Requests a second and thing; further ones are answered with 429. 0 is no limit. */
  readonly requestsPerSecondAndThing: number;
  /** Open: whether a shadow needs its thing in the registry; else any name that a thing could have will do. */
  readonly needsThing: boolean;
}

/** The options where nothing else is said; `docs/local-aws.md` has the table. */
export const DEFAULT_SHADOW_OPTIONS: ShadowOptions = Object.freeze({
  requestsPerSecondAndThing: 20,
  needsThing: true,
});
