import { SearchIndexCommand, type ThingDocument } from "@aws-sdk/client-iot";
import type { Aws } from "../aws/index.js";
import { FotaError } from "../failure/index.js";
import { fieldsIn, isFields } from "../reading/index.js";
import {
  type DeviceFacts,
  factsOfPackages,
  factsOfReport,
  PACKAGE_SHADOW,
  SHADOW,
  unknownDevice,
} from "./device-facts.js";

/** A page that every AWS gives; the service's own documents name 100 and 500. */
const PAGE = 100;

/**
 * What fleet indexing knows of the things of a group, or of all. One request for 100 things.
 * @returns `undefined` where fleet indexing is off, or not allowed
 */
export async function searchIndex(
  aws: Aws,
  group: string | undefined,
): Promise<ReadonlyMap<string, DeviceFacts> | undefined> {
  const found = new Map<string, DeviceFacts>();
  const queryString = group === undefined ? "thingName:*" : `thingGroupNames:${term(group)}`;
  let token: { nextToken?: string } = {};
  for (;;) {
    const page = await asked(aws, { queryString, maxResults: PAGE, ...token });
    if (page === undefined) return undefined;
    for (const thing of page.things ?? []) {
      const facts = factsOf(thing);
      if (facts !== undefined) found.set(facts.thing, facts);
    }
    if (page.nextToken === undefined) return found;
    token = { nextToken: page.nextToken };
  }
}

/** A name as a term of a query: a colon would end the field's name. [AWS IoT: query syntax, special characters] */
function term(name: string): string {
  return name.replaceAll(":", "\\:");
}

/** Just these things, by the same way. */
export async function searchThings(
  aws: Aws,
  names: readonly string[],
): Promise<ReadonlyMap<string, DeviceFacts> | undefined> {
  const found = new Map<string, DeviceFacts>();
  // A query has at most 1000 characters, and a name up to 128. [AWS IoT: fleet indexing quotas]
  for (let at = 0; at < names.length; at += 5) {
    const queryString = names
      .slice(at, at + 5)
      .map((name) => `thingName:${term(name)}`)
      .join(" OR ");
    const page = await asked(aws, { queryString, maxResults: PAGE });
    if (page === undefined) return undefined;
    for (const thing of page.things ?? []) {
      const facts = factsOf(thing);
      if (facts !== undefined) found.set(facts.thing, facts);
    }
  }
  return found;
}

async function asked(
  aws: Aws,
  input: { readonly queryString: string; readonly maxResults: number; readonly nextToken?: string },
) {
  try {
    return await aws.asked("iot:SearchIndex", "fleet index", (sending) =>
      aws.iot.send(new SearchIndexCommand(input), sending),
    );
  } catch (error) {
    if (isOff(error)) return undefined;
    throw error;
  }
}

/** Fleet indexing is off, being built, or for others: there are other ways to know. */
function isOff(error: unknown): boolean {
  if (!(error instanceof FotaError)) return false;
  if (error.code === "not-found" || error.code === "access-denied") return true;
  return error.cause instanceof Error && error.cause.name === "IndexNotReadyException";
}

function factsOf({ thingName, shadow, connectivity }: ThingDocument): DeviceFacts | undefined {
  if (thingName === undefined) return undefined;
  const shadows = fieldsIn(shadow ?? "")?.name;
  const named = isFields(shadows) ? shadows : {};
  const reportOf = (name: string) => {
    const one = named[name];
    return isFields(one) && isFields(one.reported) ? one.reported : undefined;
  };
  const [own, packages] = [reportOf(SHADOW), reportOf(PACKAGE_SHADOW)];
  const reported =
    own !== undefined
      ? factsOfReport(thingName, own)
      : packages !== undefined
        ? factsOfPackages(thingName, packages)
        : unknownDevice(thingName);
  const at = connectivity?.timestamp;
  const connectedAt = at === undefined ? undefined : new Date(at);
  return {
    ...reported,
    source: reported.source === "none" ? "none" : "index",
    connected: connectivity?.connected,
    connectedAt,
    // Of a device that is connected now nobody has to say when it was last heard.
    heardAt: connectivity?.connected === true ? new Date() : connectedAt,
  };
}
