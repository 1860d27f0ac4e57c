import { createHash } from "node:crypto";
import type { Target, Things } from "../aws/index.js";
import { MAX_TARGETS } from "../aws/index.js";
import { usage } from "../failure/index.js";

/** What `--canary` asks for. */
export type CanaryWish = {
  /** How many things, or the name of a group. */
  readonly first: number | string;
  /** Minutes that each of them must have been SUCCEEDED, and be connected. Default 30. */
  readonly soak: number;
  /** Per cent of them that may fail. Default 0. */
  readonly fail: number;
};

export const USUAL_SOAK_MINUTES = 30;

/** Who is first, and who gets it then. */
export type CanaryPlan = {
  readonly targets: readonly Target[];
  readonly things: number;
  /** Groups that are in the account already. */
  readonly rest: readonly Target[];
  /** Things that are in no group of the targets: a group has to be made for them. */
  readonly loose: readonly string[];
};

/**
 * Chooses the canaries: a number of things out of the targets, always the same for the same image, or a group.
 * @param all names of the things behind the targets
 * @throws FotaError "usage"
 */
export async function planCanary(
  things: Things,
  wish: CanaryWish,
  targets: readonly Target[],
  all: readonly string[],
  seed: string,
): Promise<CanaryPlan> {
  const rest = targets.filter(({ kind }) => kind === "thinggroup");
  const loose = targets.filter(({ kind }) => kind === "thing").map(({ name }) => name);
  if (typeof wish.first === "string") {
    const group = await things.target(`group:${wish.first}`);
    const members = await things.members(group.name);
    if (members.length === 0) throw usage(`--canary ${wish.first}: nothing is in that group`);
    const others = all.filter((name) => !members.includes(name));
    if (others.length === 0)
      throw usage(`--canary ${wish.first}: that group has all of the things; some have to be left`);
    const later = loose.filter((name) => !members.includes(name));
    return {
      targets: [group],
      things: members.length,
      rest: rest.filter(({ arn }) => arn !== group.arn),
      loose: later,
    };
  }
  const most = MAX_TARGETS - rest.length - (loose.length > 0 ? 1 : 0);
  if (wish.first < 1 || wish.first >= all.length)
    throw usage(`--canary ${wish.first}: there are ${all.length} things; some have to be left for later`);
  if (wish.first > most) throw usage(`--canary ${wish.first}: at most ${most}; make a thing group for more`);
  const chosen = [...all].sort((one, other) => compare(rank(seed, one), rank(seed, other))).slice(0, wish.first);
  const found = await Promise.all(chosen.map((name) => things.target(`thing:${name}`)));
  return { targets: found, things: found.length, rest, loose: loose.filter((name) => !chosen.includes(name)) };
}

/** Another order for each image, so that not the same devices are first each time. */
function rank(seed: string, thing: string): string {
  return createHash("sha256").update(`${seed} ${thing}`).digest("hex");
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
