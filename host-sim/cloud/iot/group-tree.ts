import type { GroupRecord } from "./records.js";

/** What the tree is read from. */
export interface GroupSource {
  group(thingGroupName: string): GroupRecord | undefined;
  groups(): Iterable<GroupRecord>;
  /** Names of a group's own members, in order. */
  rightOf(relation: "member", thingGroupName: string): string[];
}

/** How deep the tree of groups may be. [AWS IoT: quotas, maximum depth of a thing group hierarchy] */
export const MAX_DEPTH = 7;

/** The groups above `group`, the root first. */
export function ancestorsOf(source: GroupSource, group: GroupRecord): readonly GroupRecord[] {
  const ancestors: GroupRecord[] = [];
  for (let parent = parentOf(source, group); parent !== undefined; parent = parentOf(source, parent)) {
    if (ancestors.length >= MAX_DEPTH) break;
    ancestors.unshift(parent);
  }
  return ancestors;
}

function parentOf(source: GroupSource, { parentGroupName }: GroupRecord): GroupRecord | undefined {
  return parentGroupName === undefined ? undefined : source.group(parentGroupName);
}

/** Whether `group` stands somewhere below the group of that name. */
export function isBelow(source: GroupSource, group: GroupRecord, thingGroupName: string): boolean {
  return ancestorsOf(source, group).some((ancestor) => ancestor.thingGroupName === thingGroupName);
}

/** Things of the group and, with `recursive`, of all groups below it, each once and in order. */
export function thingsOf(source: GroupSource, thingGroupName: string, recursive: boolean): readonly string[] {
  if (!recursive) return source.rightOf("member", thingGroupName);
  const names = new Set(source.rightOf("member", thingGroupName));
  for (const group of source.groups()) {
    if (!isBelow(source, group, thingGroupName)) continue;
    for (const name of source.rightOf("member", group.thingGroupName)) names.add(name);
  }
  return [...names].sort();
}
