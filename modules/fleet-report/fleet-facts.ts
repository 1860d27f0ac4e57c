/**
 * What a fleet is told of one device. A member that is undefined is not known at present: the shadow keeps what it had.
 */
export type FleetFacts = {
  /** Version that runs. */
  readonly version: string;
  /** Label of the slot that it runs in. */
  readonly slot: string;
  readonly project: string;
  /** Why the device started. */
  readonly reset: string;
  /** The last update: IN_PROGRESS while its image is on trial, then the job's terminal status. */
  readonly outcome: string | undefined;
  /** Why it did not succeed; "" when it did. */
  readonly code: string | undefined;
  /** Id of its job. */
  readonly job: string | undefined;
  /** Images that are not tried again: the first 16 digits of their SHA-256, with spaces between them; "" for none. */
  readonly quarantine: string;
  /** Starts since this was first counted. */
  readonly boots: number | undefined;
  /** Least free memory since the start, bytes. */
  readonly memory: number | undefined;
};

/** Whether a shadow that was told the one has to be told the other. What varies by itself is no news. */
export function isNews(told: FleetFacts | undefined, facts: FleetFacts): boolean {
  if (told === undefined) return true;
  return (["version", "slot", "project", "outcome", "code", "job", "quarantine"] as const).some(
    (name) => facts[name] !== undefined && facts[name] !== told[name],
  );
}
