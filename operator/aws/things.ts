import {
  AddThingToThingGroupCommand,
  CreateThingGroupCommand,
  DescribeThingCommand,
  DescribeThingGroupCommand,
  ListThingsCommand,
  ListThingsInThingGroupCommand,
} from "@aws-sdk/client-iot";
import { FotaError, usage } from "../failure/index.js";
import type { Aws } from "./aws.js";
import { isThingName, MAX_TARGETS, type Target, targetOfArn } from "./names.js";

/** The longest page of AWS IoT's lists. */
const PAGE = 250;

/** Things and groups of the account. */
export class Things {
  readonly #aws: Aws;
  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /**
   * What a name means: a thing or a group; with `thing:` or `group:` in front where both are there. ARNs are taken,
   * too. One or two requests.
   * @throws FotaError "usage" for a name that is neither, or both
   */
  async target(name: string): Promise<Target> {
    const [, kind, bare = name] = /^(thing|group):(.+)$/.exec(name) ?? [];
    if (bare.startsWith("arn:")) {
      const target = targetOfArn(bare);
      if (target === undefined) throw usage(`${bare} is no ARN of a thing or a thing group`);
      return target;
    }
    if (!isThingName(bare)) throw usage(`${bare} is no name of a thing or a thing group`);
    const thing = kind === "group" ? undefined : await this.thing(bare);
    const group = kind === "thing" ? undefined : await this.group(bare);
    if (thing !== undefined && group !== undefined)
      throw usage(`${bare} is a thing and a thing group`, `thing:${bare} or group:${bare}`);
    const found = thing ?? group;
    if (found === undefined) throw usage(`there is no thing and no thing group ${bare} in ${await this.#aws.region()}`);
    return found;
  }

  async thing(name: string): Promise<Target | undefined> {
    const found = await this.#aws.askedFor("iot:DescribeThing", name, (sending) =>
      this.#aws.iot.send(new DescribeThingCommand({ thingName: name }), sending),
    );
    return found?.thingArn === undefined ? undefined : { kind: "thing", name, arn: found.thingArn };
  }

  async group(name: string): Promise<Target | undefined> {
    const found = await this.#aws.askedFor("iot:DescribeThingGroup", name, (sending) =>
      this.#aws.iot.send(new DescribeThingGroupCommand({ thingGroupName: name }), sending),
    );
    return found?.thingGroupArn === undefined ? undefined : { kind: "thinggroup", name, arn: found.thingGroupArn };
  }

  /** Names of the things behind targets, each once, sorted. One request for 250 members of a group. */
  async behind(targets: readonly Target[]): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const target of targets) {
      if (target.kind === "thing") names.add(target.name);
      else for (const name of await this.members(target.name)) names.add(name);
    }
    return [...names].sort();
  }

  /** Those of the groups below it as well. */
  async members(group: string): Promise<readonly string[]> {
    return await this.#pages("iot:ListThingsInThingGroup", group, async (nextToken, sending) => {
      const input = { thingGroupName: group, recursive: true, maxResults: PAGE, ...nextToken };
      const { things, nextToken: next } = await this.#aws.iot.send(new ListThingsInThingGroupCommand(input), sending);
      return { items: things ?? [], next };
    });
  }

  /** All things of the account. */
  async all(): Promise<readonly string[]> {
    return await this.#pages("iot:ListThings", "all things", async (nextToken, sending) => {
      const input = { maxResults: PAGE, ...nextToken };
      const { things = [], nextToken: next } = await this.#aws.iot.send(new ListThingsCommand(input), sending);
      return { items: things.flatMap(({ thingName }) => (thingName === undefined ? [] : [thingName])), next };
    });
  }

  /**
   * Targets of a job for just these things: themselves up to 100, else a static group that is made for them. A request
   * for each thing, either way; a group that is there from an attempt that broke off is filled up.
   */
  async asTargets(names: readonly string[], group: string, said: (text: string) => void): Promise<readonly Target[]> {
    if (names.length <= MAX_TARGETS) return await Promise.all(names.map((name) => this.target(`thing:${name}`)));
    return [await this.groupOf(names, group, said)];
  }

  /** A static thing group with just these things; it is made or filled up. */
  async groupOf(names: readonly string[], group: string, said: (text: string) => void): Promise<Target> {
    const made = (await this.group(group)) ?? (await this.#createGroup(group));
    const there = new Set(await this.members(group));
    const missing = names.filter((name) => !there.has(name));
    if (missing.length > 0) said(`${missing.length} things into the group ${group}`);
    for (const name of missing) await this.addToGroup(name, group);
    return made;
  }

  async addToGroup(thing: string, group: string): Promise<void> {
    const input = { thingName: thing, thingGroupName: group };
    await this.#aws.asked("iot:AddThingToThingGroup", group, (sending) =>
      this.#aws.iot.send(new AddThingToThingGroupCommand(input), sending),
    );
  }

  async #createGroup(name: string): Promise<Target> {
    const { thingGroupArn } = await this.#aws.asked("iot:CreateThingGroup", name, (sending) =>
      this.#aws.iot.send(new CreateThingGroupCommand({ thingGroupName: name }), sending),
    );
    if (thingGroupArn === undefined) throw new FotaError("service", "iot:CreateThingGroup names no group");
    return { kind: "thinggroup", name, arn: thingGroupArn };
  }

  async #pages(
    action: string,
    resource: string,
    page: (
      nextToken: { readonly nextToken?: string },
      sending: { readonly abortSignal?: AbortSignal },
    ) => Promise<{ items: readonly string[]; next: string | undefined }>,
  ): Promise<readonly string[]> {
    const items: string[] = [];
    let token: { nextToken?: string } = {};
    for (;;) {
      const { items: more, next } = await this.#aws.asked(action, resource, (sending) => page(token, sending));
      items.push(...more);
      if (next === undefined) return items;
      token = { nextToken: next };
    }
  }
}
