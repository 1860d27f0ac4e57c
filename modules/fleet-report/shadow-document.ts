import type { FleetFacts } from "./fleet-facts.js";

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
