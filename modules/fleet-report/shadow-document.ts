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

/** Name of the shadow where no software package is named. */
export const SHADOW_NAME = "fota";
/** The reserved shadow of AWS's software package catalog. [AWS IoT: Reserved named shadow] */
export const PACKAGE_SHADOW_NAME = "$package";

/** A package's name in the catalog. [AWS IoT API: CreatePackage] */
export function isPackageName(text: string): boolean {
  return /^[a-zA-Z0-9_.-]{1,128}$/.test(text);
}

/** Where a thing's shadow is updated. [AWS IoT: Device Shadow MQTT topics] */
export function shadowUpdateTopic(thingName: string, packageName: string | undefined): string {
  return `$aws/things/${thingName}/shadow/name/${packageName === undefined ? SHADOW_NAME : PACKAGE_SHADOW_NAME}/update`;
}

/**
 * The update of the shadow. Under `$package` the version stands where the catalog looks for it, and the rest in the
 * version's attributes, which are texts. Nothing is ever read out of a shadow: a desired version installs nothing, jobs
 * do.
 */
export function shadowDocument(facts: FleetFacts, packageName: string | undefined): string {
  if (packageName === undefined) return JSON.stringify({ state: { reported: { ...facts } } });
  const { version, ...others } = facts;
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(others)) if (value !== undefined) attributes[name] = String(value);
  return JSON.stringify({ state: { reported: { [packageName]: { version, attributes } } } });
}
